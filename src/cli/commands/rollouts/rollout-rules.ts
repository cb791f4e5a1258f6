import { counted } from "../../../domain/text/counted.ts";
import { namedRollout } from "../../../client/references.ts";
import { namedRolloutId } from "../../../storage/read/named-rollout.ts";
import { changeDecisionRules } from "../../../use-cases/change-decision-rules.ts";
import type { Given } from "../../parsing/given.ts";
import { actorOf, type CommandContext } from "../../context.ts";
import { rolloutOf } from "../../parsing/rollout-argument.ts";
import { writing } from "../../store.ts";

export async function run(context: CommandContext, given: Given<"rollout rules">): Promise<void> {
  const to = given.requiredText("to");
  const reason = given.requiredText("reason");
  const from = given.text("from");
  const moved = await writing(context, async (db) => {
    const rolloutId =
      given.optional(0) === undefined ? undefined : await namedRolloutId(db, namedRollout(rolloutOf(given)));
    return changeDecisionRules(db, { rolloutId, from, to, reason, by: actorOf(context) });
  });
  context.output.result({ to, moved }, () => [
    moved.length === 0
      ? `nothing to move: no such rollout runs under another version than ${to}`
      : `${counted(moved.length, "rollout")} will be decided by version ${to} of the rules from the next look on`,
    ...moved.map(({ rolloutId, prompt, label }) => `  ${prompt} (${label})  ${rolloutId}`),
  ]);
}

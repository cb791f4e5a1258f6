import { counted } from "../../../domain/text/counted.ts";
import type { Given } from "../../parsing/given.ts";
import type { CommandContext } from "../../context.ts";
import { rolloutOf } from "../../parsing/rollout-argument.ts";
import { withSluice } from "../../store.ts";

export async function run(context: CommandContext, given: Given<"rollout rules">): Promise<void> {
  const to = given.requiredText("to");
  const reason = given.requiredText("reason");
  const from = given.text("from");
  const rollout = given.optional(0) === undefined ? undefined : rolloutOf(given);
  const { moved } = await withSluice(context, (sluice) => sluice.moveRules({ rollout, from, to, reason }));
  context.output.result({ to, moved }, () => [
    moved.length === 0
      ? `nothing to move: no such rollout runs under another version than ${to}`
      : `${counted(moved.length, "rollout")} will be decided by version ${to} of the rules from the next look on`,
    ...moved.map(({ rolloutId, prompt, label }) => `  ${prompt} (${label})  ${rolloutId}`),
  ]);
}

import type { AbortRequest } from "../../../use-cases/abort-rollout.ts";
import { controlRunning, requireOpenRollout } from "../../../use-cases/control-rollout.ts";
import type { ControlAnswer } from "../../../protocol/rollout-controls.ts";
import type { CommandArguments } from "../../parsing/command-arguments.ts";
import type { RunCommand, ScopeName } from "../../parsing/given.ts";
import { actorOf, type CommandContext } from "../../context.ts";
import { refuseOtherVersion } from "./refuse-other-version.ts";
import { writing } from "../../store.ts";
import { withRollouts } from "../../temporal.ts";

type GivenReason = CommandArguments<never, ScopeName | "reason">;

type Control = "pause" | "resume" | "promote";

/** A command that asks one thing of the rollout that runs for NAME. */
export function controlCommand(
  name: Exclude<Control, "promote">,
  done: (candidate: string) => string,
): RunCommand<GivenReason> {
  return async (context, given) => {
    const progress = await controlRollout(context, given, name);
    context.output.result(progress, () => [done(progress.candidate)]);
  };
}

/** Requests a control of the rollout that runs for the command's first argument, and gives its answer. */
export async function controlRollout<Name extends Control>(
  context: CommandContext,
  given: GivenReason,
  name: Name,
): Promise<ControlAnswer<Name>> {
  const reference = given.reference(0);
  const scope = given.scope(reference.prompt);
  const request = controlRequest(context, given);
  return writing(context, async (db) => {
    const rollout = await requireOpenRollout(db, scope);
    await refuseOtherVersion(db, reference, ({ id }) => id === rollout.candidate_version);
    return withRollouts(context, (rollouts) =>
      controlRunning(db, rollout, rollouts, ({ id, workflow_id }) =>
        rollouts.control({ rolloutId: id, workflowId: workflow_id }, name, request),
      ),
    );
  });
}

/** Who asks, and why, as the command says it. */
export function controlRequest(context: CommandContext, given: GivenReason): AbortRequest {
  const reason = given.text("reason");
  return { by: actorOf(context), ...(reason !== undefined && { reason }) };
}

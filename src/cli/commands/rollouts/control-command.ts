import type { RolloutProgress } from "../../../protocol/rollout-messages.ts";
import type { CommandArguments } from "../../parsing/command-arguments.ts";
import type { RunCommand, ScopeName } from "../../parsing/given.ts";
import { withSluice } from "../../store.ts";

/** `pause` and `resume`, which differ in what is asked and what is said. */
export function controlCommand(
  name: "pause" | "resume",
  done: (candidate: string) => string,
): RunCommand<CommandArguments<never, ScopeName | "reason">> {
  return async (context, given) => {
    const reason = given.text("reason");
    const progress: RolloutProgress = await withSluice(context, (sluice) =>
      sluice[name](given.rollout(0), { reason }),
    );
    context.output.result(progress, () => [done(progress.candidate)]);
  };
}

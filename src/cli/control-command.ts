import { SluiceError } from "../domain/errors.ts";
import { controlRunning } from "../use-cases/control-rollout.ts";
import type { ControlAnswer } from "../temporal/rollout-client.ts";
import type { CommandArguments } from "./command-arguments.ts";
import type { RunCommand } from "./command.ts";
import { actorOf, type CommandContext } from "./context.ts";
import { writing } from "./store.ts";
import { withRollouts } from "./temporal.ts";

type Control = "abort" | "pause" | "resume" | "promote";

/** A command that asks one thing of the rollout that runs for NAME. */
export function controlCommand(
  name: Exclude<Control, "promote">,
  done: (candidate: string) => string,
): RunCommand {
  return async (context, given) => {
    const progress = await askRollout(context, given, name);
    context.output.result(progress, () => [done(progress.candidate)]);
  };
}

/** Asks the rollout that runs for the command's first argument, and gives its answer. */
export async function askRollout<Name extends Control>(
  context: CommandContext,
  given: CommandArguments,
  name: Name,
): Promise<ControlAnswer<Name>> {
  const scope = given.scope(given.reference(0).prompt);
  const reason = given.text("reason");
  const word = { by: actorOf(context), ...(reason !== undefined && { reason }) };
  return writing(context, async (db) => {
    try {
      return await withRollouts(context, ({ control, isRunning }) =>
        controlRunning(db, scope, isRunning, (of) => control(of, name, word)),
      );
    } catch (error) {
      if (name === "abort" && error instanceof SluiceError && error.code === "unavailable")
        throw new SluiceError(
          "unavailable",
          `${error.message}. To end it without Temporal, its candidate with it: sluice rollback ${scope.prompt} --reason …`,
          error.details,
          { cause: error },
        );
      throw error;
    }
  });
}

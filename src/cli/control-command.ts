import { SluiceError } from "../domain/errors.ts";
import { controlRunning } from "../use-cases/control-rollout.ts";
import type { CommandArguments } from "./command-arguments.ts";
import type { RunCommand } from "./command.ts";
import { actorOf, type CommandContext } from "./context.ts";
import { writing } from "./store.ts";
import { withRollouts } from "./temporal.ts";

type Control = "abort" | "pause" | "resume" | "promote";

/** A command that says one word to the rollout that runs for NAME. */
export function controlCommand(name: Control, done: (candidate: string) => string): RunCommand {
  return async (context, given) => {
    const progress = await sayTo(context, given, name);
    context.output.result(progress, () => [done(progress.candidate)]);
  };
}

async function sayTo(context: CommandContext, given: CommandArguments, name: Control) {
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
          `${error.message}. To take the candidate off without Temporal: sluice rollback ${scope.prompt} --reason …`,
          error.details,
          { cause: error },
        );
      throw error;
    }
  });
}

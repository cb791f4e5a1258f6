import { redrive } from "../../../use-cases/redrive.ts";
import type { Given } from "../../parsing/given.ts";
import { actorOf, type CommandContext } from "../../context.ts";
import { writing } from "../../store.ts";

export async function run(context: CommandContext, given: Given<"dead-letters redrive">): Promise<void> {
  const { output, signal } = context;
  const done = await writing(context, (db) =>
    redrive(
      {
        db,
        by: actorOf(context),
        signal,
        // A notification needs no Temporal, so it is not even loaded for one.
        withTemporal: async (work) => (await import("../../temporal.ts")).withRollouts(context, work),
      },
      given.required(0),
    ),
  );
  output.result(done, () => [done.already ? `done before: ${done.resolution}` : `done: ${done.resolution}`]);
}

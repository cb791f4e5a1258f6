import { distrustWorkload } from "../../../use-cases/trust-workload.ts";
import { actorOf, type CommandContext } from "../../context.ts";
import type { Given } from "../../parsing/given.ts";
import { writing } from "../../store.ts";

export async function run(context: CommandContext, given: Given<"trust remove">): Promise<void> {
  const removed = await writing(context, (db) =>
    distrustWorkload(db, given.required(0), { by: actorOf(context) }),
  );
  context.output.result(removed, () => [`${removed.name}: nobody is let in by it any more`]);
}

import { parseVersionReference } from "../../domain/names.ts";
import { columnsScope, describeScope } from "../../domain/scope.ts";
import { findPointer } from "../../storage/read/pointer.ts";
import { requirePrompt } from "../../storage/read/version.ts";
import { rollBack } from "../../use-cases/roll-back.ts";
import type { CommandArguments } from "../command-arguments.ts";
import { actorOf, type CommandContext } from "../context.ts";
import { writing } from "../store.ts";

/** By Postgres alone: nothing here asks Temporal. */
export async function run(context: CommandContext, given: CommandArguments): Promise<void> {
  const { output } = context;
  const scope = given.scope(given.reference(0).prompt);
  const reason = given.requiredText("reason");
  const target = given.text("to");
  const to = target === undefined ? undefined : parseVersionReference(target);
  const done = await writing(context, async (db) => {
    if (!(await findPointer(db, scope))) await requirePrompt(db, scope.prompt);
    return rollBack(db, { scope, reason, by: actorOf(context), to });
  });
  const where = describeScope(columnsScope(scope));
  const serves = done.serves ?? "what a more general scope serves, or nothing";
  output.result(done, () => [
    done.changed
      ? `${where} serves ${serves} (revision ${done.revision})`
      : `nothing to undo: ${where} serves ${serves} (revision ${done.revision})`,
  ]);
}

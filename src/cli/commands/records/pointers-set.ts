import { invalidInput } from "../../../domain/errors.ts";
import { columnsScope, describeScope } from "../../../domain/scope.ts";
import { numberedVersion } from "../../../storage/read/version.ts";
import { setPointerByHand } from "../../../use-cases/set-pointer.ts";
import type { Given } from "../../parsing/given.ts";
import { actorOf, type CommandContext } from "../../context.ts";
import { writing } from "../../store.ts";

export async function run(context: CommandContext, given: Given<"pointers set">): Promise<void> {
  const version = given.version(0);
  const anyPrompt = given.flag("anyPrompt");
  const scope = given.scope(anyPrompt ? "" : version.prompt);
  if (anyPrompt && scope.model === "")
    throw invalidInput("--any-prompt needs --model: a default is for every prompt of one model");
  const expectedRevision = given.integer("expectedRevision")!;
  const set = await writing(context, async (db) =>
    setPointerByHand(db, {
      scope,
      version: await numberedVersion(db, version),
      expectedRevision,
      reason: given.requiredText("reason"),
      force: given.flag("force"),
      by: actorOf(context),
    }),
  );
  context.output.result(set, () => [
    `${describeScope(columnsScope(scope))} serves ${set.serves} (revision ${set.revision})`,
  ]);
}

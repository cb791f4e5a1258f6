import { invalidInput } from "../../../domain/errors.ts";
import { columnsScope, describeScope } from "../../../domain/scope.ts";
import type { Given } from "../../parsing/given.ts";
import type { CommandContext } from "../../context.ts";
import { withSluice } from "../../store.ts";

export async function run(context: CommandContext, given: Given<"pointers set">): Promise<void> {
  const version = given.version(0);
  const anyPrompt = given.flag("anyPrompt");
  const scope = given.scope(anyPrompt ? "" : version.prompt);
  if (anyPrompt && scope.model === "")
    throw invalidInput("--any-prompt needs --model: a default is for every prompt of one model");
  const { label, model, tenant } = scope;
  const set = await withSluice(context, (sluice) =>
    sluice.setPointer({
      version: given.required(0),
      label,
      model,
      tenant,
      anyPrompt,
      expectedRevision: given.integer("expectedRevision")!,
      reason: given.requiredText("reason"),
      force: given.flag("force"),
      emergency: given.flag("emergency"),
    }),
  );
  context.output.result(set, () => [
    `${describeScope(columnsScope(scope))} serves ${set.serves} (revision ${set.revision})`,
  ]);
}

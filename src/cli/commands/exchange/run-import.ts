import { invalidInput } from "../../../domain/errors.ts";
import { shown } from "../../../domain/text/visible.ts";
import type { ImportRequest } from "../../../client/exchange-requests.ts";
import { EXIT } from "../../../terminal/exit-codes.ts";
import { ProgressBar } from "../../../terminal/progress-bar.ts";
import type { CommandContext } from "../../context.ts";
import type { Given } from "../../parsing/given.ts";
import { allowedSecret } from "../../parsing/allowed-secret.ts";
import { importLines } from "../../showing/import-lines.ts";
import { withSluice } from "../../store.ts";

/** Imports, showing how far it is; 1 where something could not be taken, or a label was not moved. */
export async function runImport(
  context: CommandContext,
  given: Given<"import langfuse"> | Given<"import file">,
  from: Pick<ImportRequest, "langfuse" | "file">,
): Promise<number> {
  const { output, signal } = context;
  const request: ImportRequest = {
    ...from,
    prompts: given.list("prompt"),
    skip: given.list("skip"),
    rename: readRenames(given.list("rename")),
    takeProposedNames: given.flag("takeProposedNames"),
    model: given.text("model"),
    moveLabels: given.list("moveLabel"),
    allowSecret: allowedSecret(given),
    dryRun: given.flag("dryRun"),
    signal,
  };
  const bars = { read: new ProgressBar(output, "read"), push: new ProgressBar(output, "imported") };
  const imported = await withSluice(context, (sluice) =>
    sluice.importPrompts({
      ...request,
      onProgress: ({ step, done, total }) => bars[step].show({ done, total, errors: 0, costUsd: null }),
    }),
  ).finally(() => bars.push.end());
  output.result(imported, () => importLines(imported));
  const { problems, labels } = imported;
  return problems.length > 0 || labels.some(({ becomes }) => becomes === "refused") ? EXIT.no : EXIT.yes;
}

/** `Refund Help=refund-help`: names here have no `=`, those there may. */
function readRenames(texts: readonly string[]): Record<string, string> {
  const entries = texts.map((text) => {
    const at = text.lastIndexOf("=");
    if (at > 0 && at < text.length - 1) return [text.slice(0, at), text.slice(at + 1)] as const;
    throw invalidInput(`--rename must be OLD=NEW, as in "Refund Help=refund-help", not ${shown(text)}`, {
      option: "rename",
    });
  });
  return Object.fromEntries(entries);
}

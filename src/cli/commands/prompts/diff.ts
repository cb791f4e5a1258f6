import { fixedTokenText } from "../../../templates/load-prompt-file.ts";
import { countTokens } from "../../../providers/token-count.ts";
import { type DiffSide, diffSides } from "../../../use-cases/diff-versions.ts";
import { readSubject } from "../../../use-cases/read-subject.ts";
import { resolveIncludes } from "../../../use-cases/resolve-includes.ts";
import type { Given } from "../../parsing/given.ts";
import type { CommandContext } from "../../context.ts";
import { EXIT } from "../../../terminal/exit-codes.ts";
import { sideBySideLines, unifiedLines } from "../../showing/diff-lines.ts";
import { reading, withSluice } from "../../store.ts";
import { wrap } from "../../../terminal/text-layout.ts";

/** Text and structure of two versions, each in the store, in a file, or in git. */
export async function run(context: CommandContext, given: Given<"diff">): Promise<number> {
  const { output } = context;
  const from = await sideOf(context, given.required(0));
  const to = await sideOf(context, given.required(1));
  const diff = diffSides(from, to);
  const { changes, tokens } = diff;
  output.result(diff, () =>
    diff.same
      ? wrap(`${from.name} and ${to.name} are the same`, output.width)
      : [
          ...wrap(`${from.name} -> ${to.name}`, output.width).map(output.paint.bold),
          ...wrap(
            `tokens before variables: ${tokens.before} -> ${tokens.after} (${growth(tokens)})`,
            output.width,
          ),
          "",
          ...(given.flag("sideBySide") ? sideBySideLines(changes, output) : unifiedLines(changes, output)),
        ],
  );
  return given.flag("exitCode") && !diff.same ? EXIT.no : EXIT.yes;
}

async function sideOf(context: CommandContext, text: string): Promise<DiffSide> {
  const named = await readSubject(text);
  if (named.kind === "file") {
    const { file } = named;
    const artifact = file.includes
      ? await reading(context, (db) => resolveIncludes(db, file))
      : file.artifact;
    const { tokens } = await countTokens(fixedTokenText(artifact), artifact.model);
    return { name: named.path, artifact, tokens };
  }
  const { prompt, version, artifact, tokens } = await withSluice(context, (sluice) => sluice.show(text));
  return { name: `${prompt}@${version}`, artifact, tokens };
}

function growth({ before, after }: { readonly before: number; readonly after: number }): string {
  const change = after - before;
  const percent = before === 0 ? "" : `, ${change >= 0 ? "+" : ""}${Math.round((100 * change) / before)} %`;
  return `${change >= 0 ? "+" : ""}${change}${percent}`;
}

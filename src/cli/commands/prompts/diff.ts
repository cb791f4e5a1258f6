import { type DiffSide, diffSides, fileSide } from "../../../use-cases/diff-versions.ts";
import { type NamedSubject, readSubject } from "../../../use-cases/read-subject.ts";
import type { VersionDiff } from "../../../domain/shapes/versions.ts";
import type { Given } from "../../parsing/given.ts";
import type { CommandContext } from "../../context.ts";
import { EXIT } from "../../../terminal/exit-codes.ts";
import { sideBySideLines, unifiedLines } from "../../showing/diff-lines.ts";
import { versionsOf, withSluice } from "../../store.ts";
import { wrap } from "../../../terminal/text-layout.ts";

/** Text and structure of two versions, each in the store, in a file, or in git. */
export async function run(context: CommandContext, given: Given<"diff">): Promise<number> {
  const { output } = context;
  const diff = await diffOf(context, given.required(0), given.required(1));
  const { from, to, changes, tokens } = diff;
  output.result(diff, () =>
    diff.same
      ? wrap(`${from} and ${to} are the same`, output.width)
      : [
          ...wrap(`${from} -> ${to}`, output.width).map(output.paint.bold),
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

async function diffOf(context: CommandContext, from: string, to: string): Promise<VersionDiff> {
  const [one, other] = [await readSubject(from), await readSubject(to)];
  if (one.kind === "stored" && other.kind === "stored")
    return withSluice(context, (sluice) => sluice.diff(from, to));
  return diffSides(await sideOf(context, one, from), await sideOf(context, other, to));
}

async function sideOf(context: CommandContext, named: NamedSubject, text: string): Promise<DiffSide> {
  if (named.kind === "file") return fileSide(named.path, named.file, versionsOf(context));
  const { prompt, version, artifact, tokens } = await withSluice(context, (sluice) => sluice.show(text));
  return { name: `${prompt}@${version}`, artifact, tokens };
}

function growth({ before, after }: { readonly before: number; readonly after: number }): string {
  const change = after - before;
  const percent = before === 0 ? "" : `, ${change >= 0 ? "+" : ""}${Math.round((100 * change) / before)} %`;
  return `${change >= 0 ? "+" : ""}${change}${percent}`;
}

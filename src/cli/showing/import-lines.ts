import { counted } from "../../domain/text/counted.ts";
import type { Imported, ImportedLabel, ImportedPrompt } from "../../domain/shapes/importing.ts";
import { shown } from "../../domain/text/visible.ts";

/** What an import has done, or would do. */
export function importLines(imported: Imported): string[] {
  const { dryRun, prompts, labels, labelsLeft, problems } = imported;
  const created = prompts.flatMap(({ versions }) => versions).filter((version) => version.created).length;
  return [
    ...prompts.flatMap(promptLines),
    ...labels.map(labelLine),
    ...problems.map(({ from, version, problem }) =>
      version === null ? `cannot be taken: ${shown(from)}: ${problem}` : `cannot be taken: ${problem}`,
    ),
    ...(labelsLeft.length > 0
      ? [`labels that were left as they are here (--move-label moves one): ${labelsLeft.join(", ")}`]
      : []),
    dryRun
      ? `a dry run, nothing was written: ${counted(created, "version")} would be imported`
      : `${counted(created, "version")} imported`,
  ];
}

function promptLines({ from, prompt, versions, notes }: ImportedPrompt): string[] {
  const created = versions.filter((version) => version.created).length;
  const there = versions.length - created;
  const facts = [
    ...(created > 0 ? [counted(created, "new version")] : []),
    ...(there > 0 ? [`${there} here already`] : []),
  ].join(", ");
  const moved = versions.filter((version) => version.from !== version.version);
  const numbers = moved.map((version) => `@${version.from} is @${version.version} here`);
  return [
    `${prompt}${from === prompt ? "" : ` (there: ${shown(from)})`}: ${facts}`,
    ...(numbers.length > 0 ? [`  ${numbers.join(", ")}`] : []),
    ...notes.map((note) => `  ${note}`),
  ];
}

const SAYS: Readonly<Record<ImportedLabel["becomes"], string>> = {
  unchanged: "serves it already",
  moved: "moved",
  rollout: "by a rollout of its own",
  refused: "left as it is",
};

function labelLine({ label, version, becomes, rolloutId, why }: ImportedLabel): string {
  const more = why ?? rolloutId;
  return `${label} -> ${version}: ${SAYS[becomes]}${more === null ? "" : `: ${more}`}`;
}

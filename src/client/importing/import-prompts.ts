import { counted, wordFor } from "../../domain/text/counted.ts";
import { invalidInput, messageOf, SluiceError } from "../../domain/errors.ts";
import { assertLabel } from "../../domain/names.ts";
import { parseModelTarget } from "../../domain/prompt/artifact.ts";
import type {
  Imported,
  ImportedLabel,
  ImportedPrompt,
  ImportProblem,
} from "../../domain/shapes/importing.ts";
import { shown } from "../../domain/text/visible.ts";
import type { ImportRequest } from "../exchange-requests.ts";
import { EVERY_VERSION } from "../requests.ts";
import type { Sluice } from "../sluice.ts";
import { type ImportPlan, planImport, type PlannedVersion } from "./plan-import.ts";
import { readIncoming } from "./read-incoming.ts";

/** What an import needs of where it goes. */
export type ImportTarget = Pick<Sluice, "findVersions" | "push" | "moveLabel">;

/** Of a gap's numbers. */
const MOST_NAMED = 10;

/**
 * Brings versions in: each prompt's from the oldest on, what is there already left as it is, so that it can be repeated.
 * Nothing is written where something cannot be taken (`invalid_input`, with all of it in `details.problems`). No label
 * is moved but those that are asked for.
 */
export async function importPrompts(target: ImportTarget, request: ImportRequest): Promise<Imported> {
  const { dryRun = false, moveLabels = [], model } = request;
  moveLabels.forEach(assertLabel);
  if (model !== undefined && !parseModelTarget(model))
    throw invalidInput(`the model ${shown(model)} is not provider/model, as in openai/gpt-5.4-mini`, {
      model,
    });
  const incoming = await readIncoming(request);
  const asked = new Set(moveLabels);
  const serving = new Set(incoming.flatMap((one) => one.labels));
  for (const label of asked)
    if (!serving.has(label))
      throw invalidInput(`the label ${shown(label)} serves none of what is imported`, { label });
  const plan = await planImport(incoming, request, async (prompt) => {
    try {
      return (await target.findVersions(prompt, { limit: EVERY_VERSION })).versions;
    } catch (error) {
      if (error instanceof SluiceError && error.code === "not_found") return [];
      throw error;
    }
  });
  if (!dryRun) refuseProblems(plan.problems);
  const versions = dryRun ? plan.versions : await pushAll(target, plan.versions, request);
  const labels = await moveAll(target, versions, request);
  return {
    dryRun,
    prompts: promptsOf(plan, versions),
    labels,
    labelsLeft: [...serving].filter((label) => !asked.has(label)).toSorted(),
    problems: plan.problems,
  };
}

function refuseProblems(problems: readonly ImportProblem[]): void {
  const [first, ...others] = problems;
  if (!first) return;
  const more = others.length > 0 ? ` (and ${others.length} more: --dry-run says all of them)` : "";
  throw invalidInput(
    `${first.version === null ? `${shown(first.from)}: ` : ""}${first.problem}${more}; nothing was imported`,
    {
      problems,
    },
  );
}

/** One after the other: what is pushed stays, and the next import goes on from there. */
async function pushAll(
  target: ImportTarget,
  versions: readonly PlannedVersion[],
  { allowSecret, signal, onProgress }: ImportRequest,
): Promise<PlannedVersion[]> {
  const total = versions.filter(({ file }) => file).length;
  const done: PlannedVersion[] = [];
  let pushed = 0;
  for (const version of versions) {
    const { file, incoming } = version;
    if (!file) {
      done.push(version);
      continue;
    }
    try {
      signal?.throwIfAborted();
      const { version: number, created } = await target.push({
        file,
        message: incoming.message,
        allowSecret,
      });
      done.push({ ...version, number, file: created ? file : null });
    } catch (error) {
      if (!(error instanceof SluiceError)) throw error;
      throw new SluiceError(
        error.code,
        `${error.message}. Of ${counted(total, "version")}, ${pushed} came before it and are kept; the same import goes on from there`,
        { ...error.details, imported: pushed, total },
        { cause: error, retryable: error.retryable },
      );
    }
    onProgress?.({ step: "push", done: ++pushed, total });
  }
  return done;
}

async function moveAll(
  target: ImportTarget,
  versions: readonly PlannedVersion[],
  { moveLabels = [], dryRun = false }: ImportRequest,
): Promise<ImportedLabel[]> {
  const labels: ImportedLabel[] = [];
  for (const label of new Set(moveLabels))
    for (const { incoming, prompt, number, file } of versions) {
      if (!incoming.labels.includes(label)) continue;
      const version = `${prompt}@${number}`;
      // What is yet to be made has no number that could be asked about.
      const asked = dryRun && file ? prompt : version;
      try {
        labels.push({ ...(await target.moveLabel({ version: asked, label, dryRun })), version, why: null });
      } catch (error) {
        if (!(error instanceof SluiceError) || error.code === "unavailable") throw error;
        labels.push({ label, version, becomes: "refused", rolloutId: null, why: messageOf(error) });
      }
    }
  return labels;
}

function promptsOf({ alreadyHere }: ImportPlan, versions: readonly PlannedVersion[]): ImportedPrompt[] {
  const byPrompt = new Map<string, PlannedVersion[]>();
  for (const one of versions) byPrompt.set(one.prompt, [...(byPrompt.get(one.prompt) ?? []), one]);
  return [...byPrompt].map(([prompt, own]) => {
    const others = alreadyHere.get(prompt) ?? 0;
    return {
      from: own[0]!.incoming.name,
      prompt,
      versions: own.map(({ incoming, number, file }) => ({
        from: incoming.number,
        version: number,
        created: file !== null,
      })),
      notes: [
        ...(others > 0
          ? [`there ${wordFor(others, "is", "are")} ${counted(others, "other version")} of ${prompt} here`]
          : []),
        ...gapsOf(own),
        ...own.flatMap(({ incoming }) => incoming.notes),
      ],
    };
  });
}

/** Numbers here have no gaps: who knows a version by its number there has to know that it has another one. */
function gapsOf(versions: readonly PlannedVersion[]): string[] {
  const numbers = new Set(versions.map(({ incoming }) => incoming.number));
  const newest = Math.max(...numbers);
  const missing = Array.from({ length: newest }, (_, i) => i + 1).filter((number) => !numbers.has(number));
  if (missing.length === 0) return [];
  const some = missing.slice(0, MOST_NAMED).map((number) => `@${number}`);
  const more = missing.length > MOST_NAMED ? ` and ${missing.length - MOST_NAMED} more` : "";
  return [
    `${some.join(", ")}${more} ${wordFor(missing.length, "is", "are")} missing there: the numbers here have no gaps`,
  ];
}

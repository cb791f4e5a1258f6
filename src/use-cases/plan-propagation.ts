import { invalidInput, notFound } from "../domain/errors.ts";
import type { Grants } from "../domain/access/grants.ts";
import type { PropagationState } from "../domain/shapes/propagating.ts";
import { includeLevels } from "../domain/prompt/include-levels.ts";
import { didYouMean } from "../domain/text/suggestion.ts";
import type { Database } from "../storage/database.ts";
import { type DependantVersion, listDependants } from "../storage/read/dependants.ts";
import { requireVersion, versionName, type VersionRow } from "../storage/read/version.ts";
import type { PromptReference } from "../domain/names.ts";

export interface PropagationRequest {
  /** The version that is to be included. */
  readonly of: PromptReference;
  /** Only these, and what they include it by; absent: all. */
  readonly to?: readonly string[] | undefined;
  /** Dependants are what this label serves; absent: their newest versions. */
  readonly label?: string | undefined;
  readonly seen?: Grants | undefined;
}

/** A dependant that is to be made anew, or why it is not. */
export interface PlannedStep {
  readonly prompt: string;
  /** 1: it includes it by itself. */
  readonly level: number;
  readonly base: DependantVersion;
  /** Other dependants that it includes. */
  readonly needs: readonly string[];
  readonly state: PropagationState;
  readonly reason: string;
}

export interface PlannedPropagation {
  readonly included: VersionRow;
  /** What is included before what includes it. */
  readonly steps: readonly PlannedStep[];
}

/**
 * What includes a version's prompt and would be made anew, in the order in which that can be done. Writes nothing.
 * `not_found` where nothing includes it, `invalid_input` for a name that does not.
 */
export async function planPropagation(
  db: Database,
  { of, to = [], label, seen }: PropagationRequest,
): Promise<PlannedPropagation> {
  const included = await requireVersion(db, of);
  const bases = basesOf(await listDependants(db, included.prompt, seen), label);
  const wanted = withNeeds(levelsOf(bases, included.prompt), to, included);
  if (wanted.length === 0)
    throw notFound(
      label === undefined
        ? `nothing includes ${included.prompt}: there is nothing to make anew`
        : `nothing that the label ${label} serves includes ${included.prompt}: there is nothing to make anew`,
      { prompt: included.prompt, label },
    );
  const inGit = await repositoriesOf(
    db,
    wanted.map(({ base }) => base.prompt),
  );
  return { included, steps: wanted.map((one) => stepOf(one, included, inGit.get(one.base.prompt))) };
}

interface Placed {
  readonly base: DependantVersion;
  readonly level: number;
  readonly needs: readonly string[];
}

/** One version of each prompt: what the label serves, or the newest. */
function basesOf(every: readonly DependantVersion[], label: string | undefined): DependantVersion[] {
  const bases = new Map<string, DependantVersion>();
  for (const one of every) {
    const counts = label === undefined || one.live.includes(label);
    if (counts && !bases.has(one.prompt)) bases.set(one.prompt, one);
  }
  return [...bases.values()];
}

/** What includes a prompt, by itself or by way of others, each after all that it includes. */
function levelsOf(bases: readonly DependantVersion[], prompt: string): Placed[] {
  const byPrompt = new Map(bases.map((one) => [one.prompt, one]));
  const depends = new Map<string, boolean>();
  const reaches = (name: string): boolean => {
    if (name === prompt) return true;
    const known = depends.get(name);
    if (known !== undefined) return known;
    depends.set(name, false);
    const found = (byPrompt.get(name)?.artifact.includes ?? []).some((one) => reaches(one.prompt));
    depends.set(name, found);
    return found;
  };
  const placed: Placed[] = [];
  const done = new Set([prompt]);
  let level = 0;
  for (const ready of includeLevels(bases.filter((one) => reaches(one.prompt)))) {
    level++;
    for (const base of ready) {
      const through = new Set(base.artifact.includes!.map((one) => one.prompt));
      const needs = [...through].filter((one) => one !== prompt && done.has(one));
      placed.push({ base, level, needs });
    }
    for (const base of ready) done.add(base.prompt);
  }
  return placed;
}

/** Those that are named, with those that they include it by. */
function withNeeds(placed: readonly Placed[], to: readonly string[], { prompt }: VersionRow): Placed[] {
  if (to.length === 0) return [...placed];
  const byPrompt = new Map(placed.map((one) => [one.base.prompt, one]));
  const wanted = new Set<string>();
  const want = (name: string): void => {
    if (wanted.has(name)) return;
    wanted.add(name);
    for (const need of byPrompt.get(name)!.needs) want(need);
  };
  for (const name of to) {
    if (!byPrompt.has(name))
      throw invalidInput(
        `${name} does not include ${prompt}${didYouMean(name, [...byPrompt.keys()]) || `; see: sluice impact ${prompt}`}`,
        { prompt, to: name },
      );
    want(name);
  }
  return placed.filter(({ base }) => wanted.has(base.prompt));
}

async function repositoriesOf(db: Database, prompts: readonly string[]): Promise<Map<string, string>> {
  const rows = await db
    .selectFrom("manifest_prompts")
    .select(["prompt", "repository", "path"])
    .where("prompt", "in", [...prompts])
    .execute();
  return new Map(rows.map(({ prompt, repository, path }) => [prompt, `${path} of ${repository}`]));
}

function stepOf({ base, level, needs }: Placed, included: VersionRow, file: string | undefined): PlannedStep {
  const { prompt } = base;
  const own = base.artifact.includes!.find((one) => one.prompt === included.prompt);
  const step = { prompt, level, base, needs };
  if (own && own.number > included.number)
    return { ...step, state: "unchanged", reason: `includes ${versionName(own)}, which is newer` };
  if (file !== undefined) {
    const reason = own
      ? `its file is ${file}: where that names ${versionName(own)}, write ${versionName(included)}`
      : `its file is ${file}: it is changed there`;
    return { ...step, state: "in_git", reason };
  }
  return { ...step, state: "waiting", reason: "" };
}

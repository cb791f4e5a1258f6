import { SluiceError } from "../domain/errors.ts";
import type { Artifact } from "../domain/prompt/artifact.ts";
import type { IncludedVersion } from "../domain/prompt/include.ts";
import type { Dependant } from "../domain/shapes/callers.ts";
import { includeLevels } from "../domain/prompt/include-levels.ts";
import { digestJson } from "../digest.ts";
import { countTokens } from "../providers/token-count.ts";
import type { Database } from "../storage/database.ts";
import { callersByPrompt, type CallersQuery } from "../storage/read/callers.ts";
import { type DependantVersion, listDependants } from "../storage/read/dependants.ts";
import { artifactsBySha256, versionName } from "../storage/read/version.ts";
import { fixedTokenText } from "../templates/load-prompt-file.ts";
import { recompose, type Replacement } from "../templates/recompose.ts";
import { callerCheck } from "./check-callers.ts";

/** What includes a prompt, the nearest first, and what it would be with this version of it. */
export async function reportDependants(
  db: Database,
  included: IncludedVersion,
  of: Omit<CallersQuery, "prompt">,
): Promise<Dependant[]> {
  const found: Dependant[] = [];
  const every = await remadeDependants(db, included, of);
  const callers = await callersByPrompt(
    db,
    every.map(({ version }) => version.prompt),
    of,
  );
  const check = await callerCheck(db, callers);
  for (const { version, level, via, remade } of every) {
    const { prompt, number, tokens, live, artifact } = version;
    const after = "artifact" in remade ? remade.artifact : undefined;
    const direct = via ?? included.prompt;
    found.push({
      prompt,
      version: number,
      includes: versionName(artifact.includes!.find((one) => one.prompt === direct)!),
      via,
      level,
      live,
      tokens,
      tokensAfter: after ? (await countTokens(fixedTokenText(after), after.model)).tokens : null,
      problem: "problem" in remade ? remade.problem : null,
      breaks: after ? check(prompt, after) : [],
    });
  }
  return found;
}

/** A version that depends on another one, and what becomes of it. */
export interface Remade {
  readonly version: DependantVersion;
  /** 1: it includes it by itself. */
  readonly level: number;
  /** The prompt by way of which it does; null: by itself. */
  readonly via: string | null;
  readonly remade: { readonly artifact: Artifact } | { readonly problem: string };
}

/** Each dependant after those that it includes. */
export async function remadeDependants(
  db: Database,
  included: IncludedVersion,
  { seen }: Pick<CallersQuery, "seen">,
): Promise<Remade[]> {
  const every = await listDependants(db, included.prompt, seen);
  const newest = new Map(every.toReversed().map((one) => [one.prompt, one]));
  const includes = every.flatMap(({ artifact }) => artifact.includes ?? []);
  const froms = await artifactsBySha256(db, includes);
  const done = new Map<string, { readonly version: IncludedVersion; readonly level: number }>([
    [included.prompt, { version: included, level: 0 }],
  ]);
  const failed = new Set<string>();
  const result: Remade[] = [];
  const isSettled = (prompt: string) => done.has(prompt) || failed.has(prompt);
  let level = 0;
  for (const reached of includeLevels(every, isSettled)) {
    level++;
    for (const version of reached) {
      const through = version.artifact.includes!.filter(({ prompt }) => isSettled(prompt));
      const via = through.some(({ prompt }) => prompt === included.prompt) ? null : through[0]!.prompt;
      const replaced = new Map<string, Replacement>();
      for (const { prompt, sha256 } of through) {
        const to = done.get(prompt)?.version;
        if (to) replaced.set(prompt, { from: froms.get(`${prompt} ${sha256}`) ?? to.artifact, to });
      }
      const blocked = through.find(({ prompt }) => failed.has(prompt));
      const remade = blocked
        ? { problem: `${versionName(blocked)}, which it includes, cannot be made anew` }
        : tryRecompose(version.artifact, replaced);
      result.push({ version, level, via, remade });
      if (newest.get(version.prompt) !== version) continue;
      if ("problem" in remade) failed.add(version.prompt);
      else {
        const { artifact } = remade;
        // It has no number yet.
        const made = {
          prompt: version.prompt,
          number: version.number + 1,
          sha256: digestJson(artifact),
          artifact,
        };
        done.set(version.prompt, { version: made, level });
      }
    }
  }
  return result;
}

function tryRecompose(artifact: Artifact, replaced: ReadonlyMap<string, Replacement>): Remade["remade"] {
  try {
    return { artifact: recompose(artifact, replaced) };
  } catch (error) {
    if (!(error instanceof SluiceError) || error.code !== "invalid_input") throw error;
    return { problem: error.message };
  }
}

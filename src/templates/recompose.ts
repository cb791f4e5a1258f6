import type { Artifact } from "../domain/prompt/artifact.ts";
import { composeArtifact, type IncludedVersion, type IncludeRequest } from "../domain/prompt/include.ts";
import { analyseArtifact } from "./analyse.ts";

/** A version that takes the place of another one of its prompt. */
export interface Replacement {
  readonly from: Artifact;
  readonly to: IncludedVersion;
}

/**
 * The artifact as pushing its file would make it with other versions included, by prompt. What does not fit together is
 * `invalid_input`. A variable
 * that the file declares and does not read, as what it includes does, is taken for the included one's.
 */
export function recompose(artifact: Artifact, replaced: ReadonlyMap<string, Replacement>): Artifact {
  const { includes = [], ...composed } = artifact;
  const own: Artifact["messages"][number][] = [];
  const parts: { request: IncludeRequest; version: IncludedVersion }[] = [];
  let taken = 0;
  for (const { prompt, number, sha256, at, count } of includes) {
    own.push(...composed.messages.slice(taken, at));
    taken = at + count;
    const request = { at: own.length, prompt, number, where: prompt };
    // One that stays has its variables among those that are left.
    const kept = { ...composed, variables: {}, messages: composed.messages.slice(at, taken) };
    parts.push({ request, version: replaced.get(prompt)?.to ?? { prompt, number, sha256, artifact: kept } });
  }
  own.push(...composed.messages.slice(taken));
  const others = [
    ...own,
    ...parts.flatMap(({ version }) => (replaced.has(version.prompt) ? [] : version.artifact.messages)),
  ];
  const { used } = analyseArtifact({ ...composed, messages: others });
  // A file declares what its own messages read: what only the replaced ones read, they brought along.
  const brought = new Set([...replaced.values()].flatMap(({ from }) => Object.keys(from.variables)));
  const variables = Object.entries(composed.variables).filter(
    ([name]) => used.has(name) || !brought.has(name),
  );
  return composeArtifact({ ...composed, messages: own, variables: Object.fromEntries(variables) }, parts);
}

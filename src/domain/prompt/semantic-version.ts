import { canonicalJson, type Artifact } from "./artifact.ts";
import { contractBreaks } from "./contract-breaks.ts";

/** Which part of a semantic version a change raises (semver.org 2.0.0, without pre-releases and build data). */
export type ChangeLevel = "major" | "minor" | "patch";

const FIRST = "1.0.0";
export const SEMVER = /^(0|[1-9]\d{0,8})\.(0|[1-9]\d{0,8})\.(0|[1-9]\d{0,8})$/;

/**
 * Major: what callers rely on breaks (see {@link contractBreaks}). Minor: texts, examples, tools, variables that
 * callers need not know, another model of the same vendor. Patch: parameters alone.
 */
export function changeLevel(before: Artifact, after: Artifact): ChangeLevel {
  if (contractBreaks(before, after).length > 0) return "major";
  const { params: _before, ...old } = before;
  const { params: _after, ...now } = after;
  return canonicalJson(old) === canonicalJson(now) ? "patch" : "minor";
}

/** The semantic version of `artifact`, pushed after `newest`; the first version of a prompt is 1.0.0. */
export function nextSemver(
  newest: { readonly semver: string; readonly artifact: Artifact } | undefined,
  artifact: Artifact,
): string {
  if (newest === undefined) return FIRST;
  const [major, minor, patch] = newest.semver.split(".").map(Number) as [number, number, number];
  switch (changeLevel(newest.artifact, artifact)) {
    case "major":
      return `${major + 1}.0.0`;
    case "minor":
      return `${major}.${minor + 1}.0`;
    case "patch":
      return `${major}.${minor}.${patch + 1}`;
  }
}

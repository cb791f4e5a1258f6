import type { Database } from "../storage/database.ts";
import type { NamedSubject, Subject } from "./read-subject.ts";
import type { KeptVersion, VersionLookup } from "../domain/prompt/include.ts";
import { resolveIncludes } from "./resolve-includes.ts";

/** What is kept of prompts; asked for only where a stored version is named, or included. */
export interface EvaluationStore {
  readonly versions: VersionLookup;
  /** For the policy of a stored version, and what is live in its place. */
  readonly withDatabase: <T>(work: (db: Database) => Promise<T>) => Promise<T>;
}

/** A named version with its text. */
export async function loadSubject(named: NamedSubject, versions: VersionLookup): Promise<Subject> {
  if (named.kind === "stored") return stored(await versions.version(named));
  const { path, file } = named;
  const artifact = file.includes ? await resolveIncludes(versions, file) : file.artifact;
  return { name: path, versionId: null, artifact };
}

/** A stored version as a subject. */
export function stored({ prompt, number, versionId, artifact }: KeptVersion): Subject {
  return { name: `${prompt}@${number}`, versionId, artifact };
}

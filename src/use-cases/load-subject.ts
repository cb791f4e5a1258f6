import type { Database } from "../storage/database.ts";
import { requireVersion, type VersionRow, versionName } from "../storage/read/version.ts";
import type { NamedSubject, Subject } from "./read-subject.ts";
import { resolveIncludes } from "./resolve-includes.ts";

/** Runs with the store; asked for only where a stored version is named. */
export type WithStore = <T>(work: (db: Database) => Promise<T>) => Promise<T>;

/** A named version with its text. */
export async function loadSubject(named: NamedSubject, withStore: WithStore): Promise<Subject> {
  if (named.kind === "file") {
    const { file } = named;
    const artifact = file.includes ? await withStore((db) => resolveIncludes(db, file)) : file.artifact;
    return { name: named.path, versionId: null, artifact };
  }
  return stored(await withStore((db) => requireVersion(db, named)));
}

/** A stored version as a subject. */
export function stored(row: VersionRow): Subject {
  return { name: versionName(row), versionId: row.id, artifact: row.artifact };
}

import type { KeptVersion, VersionLookup } from "../../domain/prompt/include.ts";
import { scopeColumns } from "../../domain/scope.ts";
import type { Database } from "../database.ts";
import { findPointer } from "./pointer.ts";
import { findVersionById, requireVersion, type VersionRow } from "./version.ts";

/** The versions of a database, within its caller's transaction. */
export function versionsIn(db: Database): VersionLookup {
  return {
    version: async (reference) => keptVersion(await requireVersion(db, reference)),
    async served(prompt, label) {
      const pointer = await findPointer(db, scopeColumns({ label, prompt }));
      const active = pointer?.active_version ? await findVersionById(db, pointer.active_version) : undefined;
      return active && keptVersion(active);
    },
  };
}

/** The row of a version, without who made it when. */
export function keptVersion({ id, prompt, number, sha256, artifact }: VersionRow): KeptVersion {
  return { versionId: id, prompt, number, sha256, artifact };
}

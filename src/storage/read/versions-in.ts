import { allowsPrompt, type Grants } from "../../domain/access/grants.ts";
import { notFound } from "../../domain/errors.ts";
import type { KeptVersion, VersionLookup } from "../../domain/prompt/include.ts";
import { scopeColumns } from "../../domain/scope.ts";
import { shown } from "../../domain/text/visible.ts";
import type { Database } from "../database.ts";
import { promptExists } from "./prompt-list.ts";
import { findPointer } from "./pointer.ts";
import { findVersionById, requireVersion, type VersionRow } from "./version.ts";

/**
 * The versions of a database, within its caller's transaction. Of prompts that whoever asks may not see there are none:
 * what a version includes is read with it.
 */
export function versionsIn(db: Database, seen: Grants = {}): VersionLookup {
  return {
    async version(reference) {
      const { prompt } = reference;
      const isSeen =
        allowsPrompt(seen, prompt) && (seen.prompts === undefined || (await promptExists(db, prompt)));
      if (!isSeen) throw notFound(`there is no prompt ${shown(prompt)} that this key may see`, { prompt });
      return keptVersion(await requireVersion(db, reference));
    },
    async served(prompt, label) {
      if (!allowsPrompt(seen, prompt)) return undefined;
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

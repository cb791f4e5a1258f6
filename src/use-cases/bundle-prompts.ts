import { allowsReading, type Grants } from "../domain/access/grants.ts";
import type { SourceVersion } from "../resolver/index.ts";
import { snapshotText } from "../resolver/snapshot/snapshot-file.ts";
import type { Database } from "../storage/database.ts";
import { servedPointers } from "../storage/read/saved-pointers.ts";

export interface PromptsToBundle {
  readonly label: string;
  /** How the prompts' names begin; "" for all of them. */
  readonly prefix: string;
}

/**
 * What a label serves, in one file for a service that is built with its prompts: active versions alone, and with grants
 * of what a key that has them may read. The same content is the same text.
 */
export async function bundlePrompts(
  db: Database,
  { label, prefix }: PromptsToBundle,
  seen: Grants = {},
): Promise<string> {
  const versions = new Map<string, SourceVersion>();
  const pointers = (await servedPointers(db, { label, prefix }))
    // A default for every prompt may serve a version of a prompt that is not the key's to see.
    .filter((scope) =>
      [scope, { ...scope, prompt: scope.version.prompt }].every((one) => allowsReading(seen, one)),
    )
    .map(({ version, ...pointer }) => {
      versions.set(version.id, version);
      return { ...pointer, activeVersion: version.id };
    });
  return snapshotText({ pointers, versions: [...versions.values()] });
}

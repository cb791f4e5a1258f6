import type { ScopeColumns } from "../domain/scope.ts";
import type { Database } from "../storage/database.ts";
import { requireVersion, versionName } from "../storage/read/version.ts";
import { transact } from "../storage/transact.ts";
import { nameAnchor as write } from "../storage/write/name-anchor.ts";

/** Names the served version as the anchor that later losses count from. Gives its name. */
export async function nameAnchor(
  db: Database,
  name: {
    readonly scope: ScopeColumns;
    readonly prompt: string;
    readonly number: number;
    readonly reason: string;
    readonly by: string | null;
  },
): Promise<string> {
  const version = await requireVersion(db, name);
  const { scope, reason, by } = name;
  await transact(db, (transaction) => write(transaction, { scope, versionId: version.id, reason, by }));
  return versionName(version);
}

import type { Grants } from "../domain/access/grants.ts";
import type { PromptReference } from "../domain/names.ts";
import { checkVersion } from "../evaluation/checks/check-version.ts";
import { textCost } from "../providers/prices.ts";
import type { Database } from "../storage/database.ts";
import { requireVersion, versionBefore } from "../storage/read/version.ts";
import { listVersions } from "../storage/read/version-list.ts";
import type { ShownVersion } from "../domain/shapes/versions.ts";

/** A version, the newest where no number is given; where it is live, as far as `seen` goes. */
export async function showVersion(
  db: Database,
  reference: PromptReference,
  seen: Grants = {},
): Promise<ShownVersion> {
  const row = await requireVersion(db, reference);
  const [listed] = await listVersions(db, { prompt: row.prompt, number: row.number }, seen);
  const before = await versionBefore(db, row.prompt, row.sha256);
  const { findings } = await checkVersion({ candidate: row.artifact, live: before?.artifact, strict: false });
  const perThousandCalls = textCost(row.artifact.model, row.token_count);
  return { ...listed!, artifact: row.artifact, perThousandCalls, findings };
}

import { conflict } from "../../../domain/errors.ts";
import { hasVersion, type PromptReference } from "../../../domain/names.ts";
import type { Database } from "../../../storage/database.ts";
import { requireVersion, versionName, type VersionRow } from "../../../storage/read/version.ts";

/**
 * A rollout is named by its prompt. Where a version is written as well (`support-reply@7`), it has to be the one
 * that is rolled out: an operator who means another would end the wrong rollout, or be shown it.
 */
export async function refuseOtherVersion(
  db: Database,
  reference: PromptReference,
  isCandidate: (version: VersionRow) => boolean,
): Promise<void> {
  if (!hasVersion(reference)) return;
  const version = await requireVersion(db, reference);
  if (isCandidate(version)) return;
  throw conflict(
    `the rollout of ${version.prompt} is not of ${versionName(version)}; see: sluice rollout list ${version.prompt}`,
    { prompt: version.prompt, version: version.number },
  );
}

import type { ForgottenManifest } from "../domain/shapes/delivering.ts";
import type { Database } from "../storage/database.ts";
import { transact } from "../storage/transact.ts";
import { forgetManifest as forget, type ManifestToForget } from "../storage/write/forget-manifest.ts";

/** Has a repository decide no more, on some of its prompts or on all of them. */
export function forgetManifest(db: Database, request: ManifestToForget): Promise<ForgottenManifest> {
  return transact(db, (transaction) => forget(transaction, request));
}

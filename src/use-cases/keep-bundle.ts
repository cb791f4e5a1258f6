import { messageOf } from "../domain/errors.ts";
import type { KeptBundle } from "../outbound/bundles/bundle-address.ts";
import type { BundleWriter } from "../outbound/bundles/bundle-writer.ts";
import type { Database } from "../storage/database.ts";
import { pointersAsOf } from "../storage/read/saved-pointers.ts";
import { claimBundle, recordBundle, recordBundleProblem } from "../storage/write/record-bundle.ts";
import { bundlePrompts } from "./bundle-prompts.ts";

/** One writer at a time, for so long, in ms: it gives up well before. */
const CLAIM_MS = 40_000;
const GIVES_UP_MS = 25_000;
/** Written again after so long, in ms, though no pointer has moved: what was lost there comes back. */
const AGAIN_MS = 3_600_000;

export interface BundleToKeep extends KeptBundle {
  readonly writer: BundleWriter;
}

export type KeptBundleAnswer =
  | { readonly sha256: string; readonly again: boolean }
  | { readonly problem: string; readonly isNew: boolean };

/**
 * Writes what a label serves to its place where a pointer has moved since it was written, and it is this process's turn.
 * Undefined: nothing to do. What fails is kept, and tried again. Whoever has lost their turn meanwhile has the bundle
 * written once more: what was written last is what was read last.
 */
export async function keepBundle(
  db: Database,
  { address: { place }, label, prefix, writer }: BundleToKeep,
): Promise<KeptBundleAnswer | undefined> {
  const { md5, readAt } = await pointersAsOf(db, { label, prefix });
  const claimed = await claimBundle(db, { place, md5, forMs: CLAIM_MS, againMs: AGAIN_MS });
  if (!claimed) return undefined;
  const { claim, before, problemBefore } = claimed;
  try {
    const text = await bundlePrompts(db, { label, prefix });
    const { sha256 } = JSON.parse(text) as { readonly sha256: string };
    await writer.write({ text, sha256, readAt }, AbortSignal.timeout(GIVES_UP_MS));
    await recordBundle(db, { place, claim, md5, sha256 });
    return { sha256, again: before === sha256 && problemBefore === null };
  } catch (error) {
    const problem = messageOf(error);
    await recordBundleProblem(db, { place, claim, problem });
    return { problem, isNew: problem !== problemBefore };
  }
}

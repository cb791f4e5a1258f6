import { messageOf } from "../domain/errors.ts";
import type { PublishedManifest } from "../domain/shapes/delivering.ts";
import type { Drift } from "../domain/shapes/syncing.ts";
import { type ComparedPrompt, findDrift } from "../domain/sync/find-drift.ts";
import { planEnvironments } from "../domain/sync/plan-environments.ts";
import type { Log } from "../telemetry/log-lines.ts";
import type { Database } from "../storage/database.ts";
import { placedEnvironments, standing } from "../storage/read/deliveries.ts";
import { listManifests } from "../storage/read/manifests.ts";
import { listPointers } from "../storage/read/pointer-list.ts";
import { manifestVersions } from "../storage/read/manifest-versions.ts";
import { transact } from "../storage/transact.ts";
import { claimDriftLook, recordDrift, recordTold, untoldDrift } from "../storage/write/record-drift.ts";
import { notifyDrift } from "./notify-drift.ts";

/** A look is made so often at most, whoever makes it, in ms. */
const EVERY_MS = 20_000;
/** Seen for so long, drift is told of. */
const SETTLES_MS = 30_000;
/** A receiver that takes nothing for so long is not tried any more. */
const GIVES_UP_MS = 600_000;

/**
 * Compares what every published manifest says with what is served, where it is this process's turn, keeps what differs,
 * and tells the webhooks of the prompts' policies of what is new. True when it has looked.
 */
export async function watchDrift(
  db: Database,
  { signal, log, everyMs = EVERY_MS }: WatchOptions,
): Promise<boolean> {
  if (!(await claimDriftLook(db, everyMs))) return false;
  const manifests = await listManifests(db);
  for (const manifest of manifests) {
    const found = await driftOf(db, manifest, manifests);
    await transact(db, (transaction) => recordDrift(transaction, manifest.repository, found));
  }
  for (const untold of await untoldDrift(db, SETTLES_MS))
    try {
      await notifyDrift(db, untold, signal);
      await recordTold(db, untold);
    } catch (error) {
      log(`drift of ${untold.prompt} could not be told: ${messageOf(error)}`, {
        level: "warn",
        prompt: untold.prompt,
      });
      if (Date.now() - untold.since.getTime() > GIVES_UP_MS) await recordTold(db, untold);
    }
  return true;
}

export interface WatchOptions {
  readonly signal: AbortSignal;
  readonly log: Log;
  readonly everyMs?: number | undefined;
}

async function driftOf(
  db: Database,
  manifest: PublishedManifest,
  all: readonly PublishedManifest[],
): Promise<Drift[]> {
  const pointers = await listPointers(db);
  const prompts: ComparedPrompt[] = [];
  for (const { prompt, path, number, newest } of await manifestVersions(db, manifest.repository)) {
    const nothingIsKnown = { pointers, since: [], rollouts: [], labels: [] };
    const places = placedEnvironments(manifest.environments);
    const quick = planEnvironments(places, prompt, number, nothingIsKnown, () => 0);
    // Most prompts are live everywhere nearly always: nothing more is asked for them.
    const isSettled = quick.every(({ step }) => step === "live");
    prompts.push({
      prompt,
      path,
      version: number,
      newest: newest === null ? null : `${prompt}@${newest}`,
      state: newest === null ? "new" : number === null ? "changed" : number === newest ? "same" : "older",
      environments: isSettled ? quick : await standing(db, { prompt, number }, manifest),
    });
  }
  const others = all.filter(({ repository }) => repository !== manifest.repository);
  const elsewhere = others.flatMap((other) => other.prompts.map(({ prompt }) => prompt));
  return findDrift({ prompts, problems: [] }, manifest.environments, pointers, new Set(elsewhere));
}

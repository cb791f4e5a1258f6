import { setTimeout as delay } from "node:timers/promises";
import { assertPromptName, hasVersion, type PromptReference } from "../../domain/names.ts";
import { SluiceError } from "../../domain/errors.ts";
import { otherVersion } from "../../domain/rollout/rollout-refusals.ts";
import type { RolloutStatus } from "../../domain/rollout/rollout.ts";
import type { ListedRollout } from "../../domain/shapes/rollouts.ts";
import type { Database } from "../../storage/database.ts";
import { listRollouts } from "../../storage/read/rollout-list.ts";
import { statusOfRollout, statusOfScope } from "../../storage/read/rollout-status.ts";
import { requirePrompt, requireVersion, type VersionRow, versionName } from "../../storage/read/version.ts";
import { noSuchRollout, rolloutPlace } from "../references.ts";
import { USUAL_ROLLOUTS, type FollowOptions, type RolloutOf, type RolloutsRequest } from "../requests.ts";
import type { DatabaseParts } from "./database-parts.ts";

/** Between two looks at a rollout that is followed, in ms. */
const LOOK_MS = 500;

export function rollouts(
  parts: DatabaseParts,
  { prompt: name, running = false, limit = USUAL_ROLLOUTS }: RolloutsRequest = {},
): Promise<ListedRollout[]> {
  const prompt = name === undefined ? undefined : assertPromptName(name);
  return parts.read(async (db) => {
    const found = await listRollouts(db, { prompt, running, limit });
    if (found.length === 0 && prompt !== undefined) await requirePrompt(db, prompt);
    return found;
  });
}

export function status(parts: DatabaseParts, rollout: RolloutOf): Promise<RolloutStatus> {
  const place = rolloutPlace(rollout);
  return parts.read(async (db) => {
    if ("rolloutId" in place) {
      const known = await statusOfRollout(db, place.rolloutId);
      if (known) return known;
      throw noSuchRollout(place.rolloutId);
    }
    const found = await statusOfScope(db, place.scope);
    await refuseOtherVersion(db, place.reference, (version) => versionName(version) === found.candidate);
    return found;
  });
}

export async function refuseOtherVersion(
  db: Database,
  reference: PromptReference,
  isCandidate: (version: VersionRow) => boolean,
): Promise<void> {
  if (!hasVersion(reference)) return;
  const version = await requireVersion(db, reference);
  if (!isCandidate(version)) throw otherVersion(version);
}

/** By looking at Postgres, which may be unreachable for a while. */
export async function* follow(
  parts: DatabaseParts,
  rollout: RolloutOf,
  { signal, onUnreachable }: FollowOptions = {},
): AsyncGenerator<RolloutStatus> {
  const first = await status(parts, rollout);
  const of = { rolloutId: first.rolloutId };
  let [seen, unreachable] = ["", false];
  for (let now: RolloutStatus | undefined = first; !signal?.aborted;) {
    const text = JSON.stringify(now);
    if (now && text !== seen) {
      seen = text;
      yield now;
    }
    if (now && now.outcome !== null) return;
    await delay(LOOK_MS, undefined, signal && { signal }).catch(() => undefined);
    if (signal?.aborted) return;
    try {
      now = await status(parts, of);
      if (unreachable) onUnreachable?.((unreachable = false));
    } catch (error) {
      if (!(error instanceof SluiceError && error.code === "unavailable")) throw error;
      now = undefined;
      if (!unreachable) onUnreachable?.((unreachable = true));
    }
  }
}

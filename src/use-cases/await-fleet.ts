import { setTimeout as delay } from "node:timers/promises";
import { confirmationOf, type FleetConfirmation } from "../domain/fleet.ts";
import type { ScopeColumns } from "../domain/scope.ts";
import type { Database } from "../storage/database.ts";
import { countConfirmations, listFleet } from "../storage/read/fleet.ts";

export interface AwaitedRevision {
  readonly scope: ScopeColumns;
  readonly revision: number;
  /** How long to wait, in ms; 0 looks once. */
  readonly withinMs: number;
  /** When the move began, on the monotonic clock; now when absent. */
  readonly since?: number;
  readonly signal?: AbortSignal;
}

const FIRST_LOOK_MS = 3;
const LAST_LOOK_MS = 50;

/**
 * Waits until every live resolver that has a scope's pointer in memory has said that it serves a revision, or
 * `withinMs`. Resolvers that do not have it in memory read the newest when they are asked, so nobody waits for them.
 */
export async function awaitFleet(db: Database, of: AwaitedRevision): Promise<FleetConfirmation> {
  const { scope, revision, withinMs, since = performance.now(), signal } = of;
  const deadline = performance.now() + withinMs;
  for (let pause = FIRST_LOOK_MS; ; pause = Math.min(LAST_LOOK_MS, pause * 1.3)) {
    const { confirmed, live } = await countConfirmations(db, scope, revision);
    const ms = Math.round(performance.now() - since);
    if (confirmed === live) return { confirmed, live, ms, missing: [] };
    if (performance.now() >= deadline || signal?.aborted)
      return confirmationOf(await listFleet(db, scope), revision, ms);
    await delay(pause, undefined, signal && { signal }).catch(() => undefined);
  }
}

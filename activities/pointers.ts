import { counted } from "../src/domain/text/counted.ts";
import type { Outcome } from "../src/domain/rollout/rollout.ts";
import type { Database } from "../src/storage/database.ts";
import { findRollout, rolloutScope } from "../src/storage/read/rollout-row.ts";
import { transact } from "../src/storage/transact.ts";
import { endRollout, type EndedRollout } from "../src/storage/write/end-rollout.ts";
import { openStage, type StageToOpen } from "../src/storage/write/open-stage.ts";
import { promoteCandidate, type Promotion } from "../src/storage/write/promote-candidate.ts";
import { recordFleet } from "../src/storage/write/record-fleet.ts";
import { awaitFleet } from "../src/use-cases/await-fleet.ts";
import { insistently } from "./insistently.ts";
import type { Moved } from "../src/protocol/activity-values.ts";

/** The moves of a pointer. Each is applied once per rollout and step, so an attempt may be repeated. */
export function pointerActivities({ db }: { readonly db: Database }) {
  return {
    async openStage(stage: StageToOpen): Promise<Moved> {
      return transact(db, (transaction) => openStage(transaction, stage));
    },

    async promote(promotion: Promotion): Promise<Moved> {
      const since = performance.now();
      const moved = await transact(db, (transaction) => promoteCandidate(transaction, promotion));
      if (!moved.moved) return moved;
      const served = await confirmPromotion(db, promotion.rolloutId, moved.revision, since);
      return { ...moved, ...(served !== undefined && { served }) };
    },

    async endRollout(end: {
      readonly rolloutId: string;
      readonly outcome: Outcome;
      readonly reason: string;
    }): Promise<EndedRollout> {
      return insistently(() => transact(db, (transaction) => endRollout(transaction, end)));
    },
  };
}

/** Short of the activity's time-out: a resolver that is frozen must not make a promotion look undone. */
const CONFIRM_WITHIN_MS = 2_000;

/** Waits for the resolvers and keeps who has confirmed; the promotion stands whatever comes of it. */
async function confirmPromotion(
  db: Database,
  rolloutId: string,
  revision: number,
  since: number,
): Promise<string | undefined> {
  try {
    const rollout = await findRollout(db, rolloutId);
    if (!rollout) return undefined;
    const of = { scope: rolloutScope(rollout), revision, withinMs: CONFIRM_WITHIN_MS, since };
    const fleet = await awaitFleet(db, of);
    await transact(db, (transaction) => recordFleet(transaction, { rolloutId, fleet }));
    return `${fleet.confirmed} of ${counted(fleet.live, "resolver")} in ${fleet.ms} ms`;
  } catch {
    return undefined;
  }
}

import type { Outcome } from "../src/domain/rollout.ts";
import type { Database } from "../src/storage/database.ts";
import { findRollout } from "../src/storage/read/rollout-row.ts";
import { transact } from "../src/storage/transact.ts";
import { endRollout, type EndedRollout } from "../src/storage/write/end-rollout.ts";
import { openStage, type StageToOpen } from "../src/storage/write/open-stage.ts";
import { promoteCandidate, type Promotion } from "../src/storage/write/promote-candidate.ts";
import type { Moved } from "./types.ts";

/** The moves of a pointer. Each is applied once per rollout and step, so an attempt may be repeated. */
export function pointerActivities({ db }: { readonly db: Database }) {
  return {
    async openStage(stage: StageToOpen): Promise<Moved> {
      return transact(db, (transaction) => openStage(transaction, stage));
    },

    async promote(promotion: Promotion): Promise<Moved> {
      return transact(db, (transaction) => promoteCandidate(transaction, promotion));
    },

    async endRollout(end: {
      readonly rolloutId: string;
      readonly outcome: Outcome;
      readonly reason: string;
    }): Promise<EndedRollout> {
      // Ended before it began: there is no row, and no traffic to take back.
      if (!(await findRollout(db, end.rolloutId))) return { outcome: end.outcome, reason: end.reason };
      return transact(db, (transaction) => endRollout(transaction, end));
    },
  };
}

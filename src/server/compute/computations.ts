import type { Grants } from "../../domain/access/grants.ts";
import type { RolloutCurve } from "../../domain/shapes/curve.ts";
import type { SimulatedPolicy } from "../../domain/shapes/planning.ts";
import type { AuditVerification, Recomputed } from "../../domain/shapes/verification.ts";
import type { ContentStore } from "../../storage/contents.ts";
import { withDatabase } from "../../storage/database.ts";
import { verifyAudit } from "../../storage/read/verify-audit.ts";
import { planDocument } from "../../use-cases/plan-document.ts";
import { type CurveRequest, readCurve } from "../../use-cases/read-curve.ts";
import { type PlanRollout, planRollout } from "../../use-cases/plan-rollout.ts";
import { recomputeRollout } from "../../use-cases/recompute-rollout.ts";
import { type SimulatePolicy, simulatePolicy } from "../../use-cases/simulate-policy.ts";

/** Every entry that there is is computed again, in one statement. */
const VERIFY_WITHIN_MS = 600_000;
/** One query after the other: more connections would only be taken from others. */
const ALONE = { max: 1 };

/** Where a computation finds what it is about. */
export interface Store {
  readonly url: string;
  readonly contents: ContentStore | undefined;
}

/** What takes long: each is computed in a thread of its own, over a connection of its own. */
export const COMPUTATIONS = {
  curve: ({ url, contents }: Store, request: CurveRequest): Promise<RolloutCurve> =>
    withDatabase(url, (db) => readCurve(db, request), { ...ALONE, contents }),

  plan: ({ url, contents }: Store, request: PlanRollout) =>
    withDatabase(url, async (db) => planDocument(await planRollout(db, request), request), {
      ...ALONE,
      contents,
    }),

  recompute: ({ url, contents }: Store, rolloutId: string): Promise<Recomputed> =>
    withDatabase(url, (db) => recomputeRollout(db, rolloutId), { ...ALONE, contents }),

  simulate: ({ url, contents }: Store, request: SimulatePolicy): Promise<SimulatedPolicy> =>
    withDatabase(url, (db) => simulatePolicy(db, request), { ...ALONE, contents }),

  verify: ({ url, contents }: Store, seen: Grants): Promise<AuditVerification> =>
    withDatabase(url, (db) => verifyAudit(db, seen), {
      ...ALONE,
      contents,
      queryTimeoutMs: VERIFY_WITHIN_MS,
    }),
} as const;

export type ComputationName = keyof typeof COMPUTATIONS;
export type ComputationInput<Name extends ComputationName> = Parameters<(typeof COMPUTATIONS)[Name]>[1];
export type ComputationResult<Name extends ComputationName> = Awaited<
  ReturnType<(typeof COMPUTATIONS)[Name]>
>;

import type { ScopeColumns } from "../domain/scope.ts";
import type { MovedLabel } from "../domain/shapes/labels.ts";
import type { RolloutsPort } from "../protocol/rollout-controls.ts";
import type { Database } from "../storage/database.ts";
import type { DirectMovePlan } from "./plan-direct-move.ts";
import { setPointerByHand } from "./set-pointer.ts";
import { startInTurn } from "./start-in-turn.ts";

export interface LabelMove {
  readonly scope: ScopeColumns;
  readonly version: { readonly prompt: string; readonly number: number };
  readonly plan: DirectMovePlan;
  /** The same move asked again has the same; one of its own when absent. */
  readonly operationId?: string | undefined;
  /** Who it is, as far as it is asserted. */
  readonly by: string | null;
  /** Who starts the rollout that it may come to. */
  readonly starter: string;
  readonly signal: AbortSignal;
}

/** Does what was planned (planDirectMove). A rollout needs Temporal; an open one of the version is that one. */
export async function moveLabel(
  db: Database,
  port: Pick<RolloutsPort, "use">,
  { scope, version, plan, operationId, by, starter, signal }: LabelMove,
): Promise<MovedLabel> {
  const { label } = scope;
  if (plan.kind === "none") return { label, becomes: "unchanged", rolloutId: null };
  if (plan.kind === "rollout") {
    const start = { scope, ...version, by: starter };
    const { rolloutId } = await startInTurn(db, port, start, { replace: false, signal });
    return { label, becomes: "rollout", rolloutId };
  }
  const { expectedRevision, force, reason } = plan;
  await setPointerByHand(db, { scope, version, expectedRevision, reason, force, operationId, by });
  return { label, becomes: "moved", rolloutId: null };
}

/** What a move would come to that was planned. */
export function foreseenMove(label: string, { kind }: DirectMovePlan): MovedLabel {
  const becomes = kind === "none" ? "unchanged" : kind === "set" ? "moved" : "rollout";
  return { label, becomes, rolloutId: null };
}

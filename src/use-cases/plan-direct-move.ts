import { conflict, SluiceError } from "../domain/errors.ts";
import type { RolloutPolicy } from "../domain/policy/policy.ts";
import type { ScopeColumns } from "../domain/scope.ts";
import type { Database } from "../storage/database.ts";
import { findDocument, promptPolicySha256 } from "../storage/read/document.ts";
import { hasEvidence } from "../storage/read/evidence.ts";
import { labelSettings } from "../storage/read/label-list.ts";
import { findPointer, servedVersion } from "../storage/read/pointer.ts";
import { findOpenRollout } from "../storage/read/rollout-row.ts";

export interface DirectMove {
  readonly scope: ScopeColumns;
  /** Undefined for a version that is yet to be made. */
  readonly versionId: string | undefined;
  /** Whether whoever asks may move a protected label. */
  readonly mayRelease: boolean;
  /** What asks, for the audit log: `a Langfuse client`. */
  readonly by: string;
}

/** What a move comes to: nothing (it is so already), the pointer's move, or a rollout of the version. */
export type DirectMovePlan =
  | { readonly kind: "none" }
  | {
      readonly kind: "set";
      readonly expectedRevision: number;
      /** Without evidence. */
      readonly force: boolean;
      readonly reason: string;
    }
  | { readonly kind: "rollout" };

/**
 * What it comes to when a tool that knows no rollouts makes a label serve a version. A label that is not protected is
 * moved. A protected one is moved by a releaser alone: to a version that has passed its gate against what is served, or
 * to the first one that is served at all; else the version is rolled out, where the label's settings and the prompt's
 * policy say how, or the move is `forbidden`. Nothing is written.
 */
export async function planDirectMove(db: Database, move: DirectMove): Promise<DirectMovePlan> {
  const { scope, versionId, mayRelease, by } = move;
  const pointer = await findPointer(db, scope);
  const expectedRevision = pointer?.revision ?? 0;
  const isLive = versionId !== undefined && pointer?.active_version === versionId;
  if (isLive && pointer?.rollout_id === null) return { kind: "none" };
  const set = (force: boolean, reason: string) => ({ kind: "set", expectedRevision, force, reason }) as const;
  const settings = await labelSettings(db, scope.label);
  if (!settings.protected) return set(true, `moved by ${by}`);
  if (!mayRelease) throw refusal(scope, "and this key may not move it");
  const open = await findOpenRollout(db, scope);
  if (open && open.candidate_version !== versionId)
    throw conflict(
      `${scope.label} of ${scope.prompt} has a rollout under way; end it first (POST /v1/rollouts/${open.id}/abort)`,
      {
        rolloutId: open.id,
      },
    );
  if (open) return { kind: "rollout" };
  const policy = await policyOf(db, scope.prompt);
  const served = await servedVersion(db, scope);
  if (served === null && policy?.approval === undefined) return set(true, "first version");
  if (versionId !== undefined && (await hasEvidence(db, versionId, served)))
    return set(false, `moved by ${by}, after it passed its gate`);
  if (settings.onDirectMove === "rollout" && policy) return { kind: "rollout" };
  const why = policy
    ? "and rollouts are not started by such a move there"
    : "and the prompt has no policy to roll it out by";
  throw refusal(scope, `the version has not passed its gate against what is served, ${why}`);
}

function refusal({ label, prompt }: ScopeColumns, why: string): SluiceError {
  return new SluiceError(
    "forbidden",
    `the label ${label} is protected, ${why}: roll the version of ${prompt} out (sluice rollout start, or POST /v1/rollouts)`,
    { label, prompt },
  );
}

async function policyOf(db: Database, prompt: string): Promise<RolloutPolicy | undefined> {
  const sha256 = await promptPolicySha256(db, prompt);
  const stored = sha256 === null ? undefined : await findDocument(db, sha256);
  return stored?.body as RolloutPolicy | undefined;
}

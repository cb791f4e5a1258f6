import { invalidInput } from "../domain/errors.ts";
import type { RolloutPolicy } from "../domain/policy/policy.ts";
import { withReleaseApproval } from "../domain/policy/release-approval.ts";
import type { ScopeColumns } from "../domain/scope.ts";
import type { Database } from "../storage/database.ts";
import { findDocument, promptPolicySha256 } from "../storage/read/document.ts";
import { servedVersion } from "../storage/read/pointer.ts";
import { findVersionById, requireVersion, type VersionRow } from "../storage/read/version.ts";
import { transact } from "../storage/transact.ts";
import { gateSize } from "./gate-size.ts";
import { loadPolicyFile, storePolicy, type LoadedPolicy } from "./load-policy.ts";

export interface StartRollout {
  readonly scope: ScopeColumns;
  readonly prompt: string;
  readonly number: number;
  /** Path of a policy; the one pushed with the prompt when absent. */
  readonly policyFile?: string | undefined;
  /** A policy that is stored already, instead of a path. */
  readonly policySha256?: string | undefined;
  /** A policy that came with the request, instead of a path. */
  readonly policy?: LoadedPolicy | undefined;
  /** Whoever starts it may not release it: somebody who may has to approve it before any user gets it. */
  readonly needsApproval?: boolean | undefined;
  readonly requestId?: string | undefined;
  readonly by: string | null;
  /** Also where the same content has failed in this scope within 30 days. */
  readonly again?: boolean | undefined;
}

/** A start whose version, policy and dataset are there and right. Nothing is written yet. */
export interface PreparedStart {
  readonly version: VersionRow;
  readonly policy: RolloutPolicy;
  /** A policy that was read from a file, or the digest of one that is stored. */
  readonly source: LoadedPolicy | string;
  /** What the cases of its gate can show at most; null without a gate or a baseline. */
  readonly gate: string | null;
}

/**
 * Reads what a start names, where there is somebody to mend it: `not_found` for a version that is not there,
 * `invalid_input` for a mistake in policy or dataset. Needs the database and the files, and no Temporal.
 */
export async function prepareStart(db: Database, start: StartRollout): Promise<PreparedStart> {
  const version = await requireVersion(db, start);
  const { policy, source } = withApproval(await policyOf(db, version, start), start);
  const baseline = await servedVersion(db, start.scope);
  const gate = await gateSize(db, {
    policy,
    policyFile: start.policyFile,
    dataset: start.policy?.dataset,
    candidate: version.artifact,
    baseline: baseline === null ? undefined : (await findVersionById(db, baseline))?.artifact,
  });
  return { version, policy, source, gate };
}

/** The digest that a start's policy is stored under, stored now where it came from a file. */
export async function storedPolicy(db: Database, { source }: PreparedStart): Promise<string> {
  return typeof source === "string"
    ? source
    : transact(db, (transaction) => storePolicy(transaction, source));
}

type PolicyToStart = Pick<PreparedStart, "policy" | "source">;

/** A policy that is stored is stored a second time, with the approval in it: what is decided by is one document. */
function withApproval({ policy, source }: PolicyToStart, { needsApproval }: StartRollout): PolicyToStart {
  if (!needsApproval) return { policy, source };
  const approved = withReleaseApproval(policy);
  const loaded = typeof source === "string" ? { name: "policy", dataset: undefined } : source;
  return { policy: approved, source: { ...loaded, policy: approved } };
}

async function policyOf(
  db: Database,
  version: VersionRow,
  { policyFile, policy: given, policySha256: named }: StartRollout,
): Promise<PolicyToStart> {
  if (given) return { policy: given.policy, source: given };
  if (policyFile !== undefined) {
    const source = await loadPolicyFile(policyFile);
    return { policy: source.policy, source };
  }
  const policySha256 = named ?? (await promptPolicySha256(db, version.prompt));
  const stored = policySha256 === null ? undefined : await findDocument(db, policySha256);
  if (!stored)
    throw invalidInput(
      `${version.prompt} has no rollout policy: name one with --policy FILE, or give the prompt file a policy and push it`,
      { prompt: version.prompt },
    );
  return { policy: stored.body as RolloutPolicy, source: policySha256! };
}

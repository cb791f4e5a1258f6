import { withReleaseApproval } from "../domain/policy/release-approval.ts";
import { invalidInput } from "../domain/errors.ts";
import type { Artifact } from "../domain/prompt/artifact.ts";
import type { ScopeColumns } from "../domain/scope.ts";
import type { Database } from "../storage/database.ts";
import { langfuseUnsafe } from "../evaluation/checks/langfuse-unsafe.ts";
import { isReadByLangfuse } from "../storage/read/langfuse-reads.ts";
import { servedVersion } from "../storage/read/pointer.ts";
import { findVersionById, requireVersion, type VersionRow } from "../storage/read/version.ts";
import { transact } from "../storage/transact.ts";
import { choosePolicy, type ChosenPolicy, type PolicyChoice } from "./choose-policy.ts";
import { sizeGate } from "./size-gate.ts";
import { storePolicy } from "./load-policy.ts";
import { keepDatasets } from "./keep-datasets.ts";

export interface StartRollout extends PolicyChoice {
  readonly scope: ScopeColumns;
  readonly prompt: string;
  readonly number: number;
  /** Whoever starts it may not release it: somebody who may has to approve it before any user gets it. */
  readonly needsApproval?: boolean | undefined;
  readonly requestId?: string | undefined;
  readonly by: string | null;
  /** Also where the same content has failed in this scope within 30 days. */
  readonly again?: boolean | undefined;
  /** Also where live callers would fail. */
  readonly force?: boolean | undefined;
  /** What it was started despite. */
  readonly despite?: readonly string[] | undefined;
}

/** A start whose version, policy and dataset are there and right. Nothing is written yet. */
export interface PreparedStart extends ChosenPolicy {
  readonly version: VersionRow;
  /** What the cases of its gate can show at most; null without a gate or a baseline. */
  readonly gate: string | null;
}

/**
 * Reads what a start names, where there is somebody to mend it: `not_found` for a version that is not there,
 * `invalid_input` for a mistake in policy or dataset. Needs the database and the files, and no Temporal.
 */
export async function prepareStart(db: Database, start: StartRollout): Promise<PreparedStart> {
  const version = await requireVersion(db, start);
  const { policy, source } = withApproval(await choosePolicy(db, version.prompt, start), start);
  const served = await servedVersion(db, start.scope);
  const baseline = served === null ? undefined : (await findVersionById(db, served))?.artifact;
  await assertLangfuseSafe(db, version, baseline);
  const gate = await sizeGate(db, {
    policy,
    policyFile: start.policyFile,
    dataset: start.policy?.dataset,
    candidate: version.artifact,
    baseline,
  });
  return { version, policy, source, gate };
}

/** Refuses to roll out what those could not be served who get the prompt (`invalid_input`). */
async function assertLangfuseSafe(
  db: Database,
  { prompt, number, artifact }: VersionRow,
  baseline: Artifact | undefined,
): Promise<void> {
  if (!(await isReadByLangfuse(db, prompt))) return;
  const [unsafe] = langfuseUnsafe(artifact, baseline);
  if (unsafe) throw invalidInput(`${prompt}@${number}: ${unsafe.message}`, { prompt, finding: unsafe.code });
}

/** The digest that a start's policy is stored under, stored now where it came from a file. */
export async function storedPolicy(db: Database, { source }: PreparedStart): Promise<string> {
  if (typeof source === "string") return source;
  const kept = await keepDatasets(db, [source.dataset]);
  return transact(db, (transaction) => storePolicy(transaction, source, kept));
}

/** A policy that is stored is stored a second time, with the approval in it: what is decided by is one document. */
function withApproval({ policy, source }: ChosenPolicy, { needsApproval }: StartRollout): ChosenPolicy {
  if (!needsApproval) return { policy, source };
  const approved = withReleaseApproval(policy);
  const loaded =
    typeof source === "string"
      ? { name: "policy", dataset: undefined, written: () => ({ policy: approved }) }
      : source;
  return { policy: approved, source: { ...loaded, policy: approved } };
}

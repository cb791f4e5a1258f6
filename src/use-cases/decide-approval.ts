import { conflict, SluiceError } from "../domain/errors.ts";
import { nothingToDecide } from "../domain/rollout/rollout-refusals.ts";
import type { PrincipalKind } from "../domain/principal.ts";
import { mayBeOne } from "../domain/rollout/approval-voices.ts";
import { columnsScope, describeScope, type ScopeColumns } from "../domain/scope.ts";
import type { Database } from "../storage/database.ts";
import { ownLogin, pusherOf, standingDecision, starterOf } from "../storage/read/decision.ts";
import { findLatestRollout, findOpenRollout, type RolloutRow } from "../storage/read/rollout-row.ts";
import { requireVersion, versionName, type VersionRow } from "../storage/read/version.ts";
import { transact } from "../storage/transact.ts";
import { recordApproval } from "../storage/write/record-approval.ts";
import type { Decided } from "../domain/shapes/rollouts.ts";

export interface Decide {
  readonly scope: ScopeColumns;
  readonly version: { readonly prompt: string; readonly number: number };
  readonly decision: "approve" | "reject";
  readonly by: string;
  readonly comment: string;
  /** What they have proven to the database: they are told apart by that name, and not by its login. */
  readonly proof?: PrincipalKind | undefined;
}

/**
 * Keeps an operator's decision about the rollout that waits for one. `conflict` when it does not wait, or is
 * of another version; `forbidden` when the policy wants somebody else than the version's author.
 */
export async function decideApproval(db: Database, decide: Decide): Promise<Decided> {
  const { scope, decision, by, comment } = decide;
  const version = await requireVersion(db, decide.version);
  const candidate = versionName(version);
  const where = describeScope(columnsScope(scope));
  const rollout = await findOpenRollout(db, scope);
  if (!rollout) {
    const last = await findLatestRollout(db, scope);
    throw nothingToDecide(scope, last);
  }
  if (rollout.candidate_version !== version.id)
    throw conflict(
      `the rollout that runs for ${where} is of another version; see: sluice rollout status ${scope.prompt}`,
      {
        rolloutId: rollout.id,
      },
    );
  const point = rollout.waiting_for;
  if (point === "operator")
    throw conflict(
      `the rollout of ${candidate} is inconclusive and waits for an operator, not for an approval: sluice rollout promote ${scope.prompt}, or sluice rollout abort ${scope.prompt}`,
      { rolloutId: rollout.id, phase: rollout.phase },
    );
  if (point === null)
    throw conflict(
      `the rollout of ${candidate} is in phase ${rollout.phase} and waits for no approval${rollout.policy.approval ? " yet" : ""}`,
      { rolloutId: rollout.id, phase: rollout.phase },
    );
  const login = await ownLogin(db);
  const who = { by, login, proof: decide.proof };
  if (decision === "approve" && rollout.policy.approval?.proven)
    await refuseUnproven(db, rollout, version, who);
  if (decision === "approve" && rollout.policy.approval?.distinct_author)
    await refuseAuthor(db, rollout, version, who);
  if (decision === "approve" && rollout.policy.approval?.distinct_starter)
    await refuseStarter(db, rollout, version, who);
  const before = await standingDecision(db, rollout.id, point);
  const recorded = await transact(db, (transaction) =>
    recordApproval(transaction, { rollout, point, decision, assertedActor: by, comment }),
  );
  const standing = await standingDecision(db, rollout.id, point);
  const counts = decision === "reject" || !recorded || standing.approvedBy.length > before.approvedBy.length;
  return {
    ...standing,
    rolloutId: rollout.id,
    workflowId: rollout.workflow_id,
    candidate,
    point,
    recorded,
    login,
    counts,
  };
}

interface Decider {
  readonly by: string;
  readonly login: string;
  readonly proof: PrincipalKind | undefined;
}

const IS_KNOWN: Readonly<Record<PrincipalKind, string>> = {
  key: "with a key",
  person: "signed in",
  workload: "as a CI job",
  proxy: "through a proxy",
};

/** Where proof alone counts, it has to be shown that somebody else approves than whoever pushed the version. */
async function refuseUnproven(
  db: Database,
  rollout: RolloutRow,
  version: VersionRow,
  { by, proof }: Decider,
): Promise<void> {
  const wants = "its policy counts approvals by proof alone (approval.proven)";
  const refused = (why: string) => new SluiceError("forbidden", `${why}: ${wants}`, { proof: proof ?? null });
  if (proof === undefined)
    throw refused(
      `the login of a database proves nobody's name: approve ${versionName(version)} over a server, signed in or with a key`,
    );
  if (!rollout.policy.approval?.distinct_author) return;
  const pusher = await pusherOf(db, version.id);
  if (!pusher || pusher.kind === "login")
    throw refused(
      `who pushed ${versionName(version)} is not proven, and it might be ${by}: push it over a server, or say approval.distinct_author: false`,
    );
  if (pusher.kind === proof || !mayBeOne(pusher, { kind: proof, name: by })) return;
  throw refused(
    `${pusher.name} pushed ${versionName(version)} ${IS_KNOWN[pusher.kind]}, and might be ${by}, who is here ${IS_KNOWN[proof]}: somebody has to approve it ${IS_KNOWN[pusher.kind]}`,
  );
}

/** Somebody who may only ask for a release asked for this one: it takes another to say yes. */
async function refuseStarter(
  db: Database,
  rollout: RolloutRow,
  version: VersionRow,
  { by, login, proof }: Decider,
): Promise<void> {
  const starter = await starterOf(db, rollout.id);
  if (starter?.name !== (proof ? by : login)) return;
  throw new SluiceError(
    "forbidden",
    `${starter.name} started the rollout of ${versionName(version)} on a protected label: somebody else has to approve it`,
    { starter: starter.name },
  );
}

/** Somebody else than the version's author approves it: another login, or where the policy says so another name. */
async function refuseAuthor(
  db: Database,
  rollout: RolloutRow,
  version: VersionRow,
  { by, login, proof }: Decider,
): Promise<void> {
  const asserted = rollout.policy.approval?.asserted === true;
  const wants = "its policy wants somebody else to approve it (approval.distinct_author)";
  if (version.author === by)
    throw new SluiceError("forbidden", `${by} wrote ${versionName(version)}: ${wants}`, {
      author: version.author,
    });
  const pusher = await pusherOf(db, version.id);
  if (proof ? pusher?.name !== by : asserted || pusher?.name !== login) return;
  throw new SluiceError(
    "forbidden",
    `the login ${login} pushed ${versionName(version)}: ${wants}. Approvals are counted by login; where operators share one, the policy can say approval.asserted: true, and names count`,
    { author: version.author, login },
  );
}

import { changedValues } from "../domain/monitors/changed-values.ts";
import type { RegateFinding, RegateReference } from "../domain/monitors/regate.ts";
import { TRIAGE_ALPHA, triageVerdict } from "../domain/monitors/triage-verdict.ts";
import { SluiceError } from "../domain/errors.ts";
import { sayChangedValues } from "../domain/plain/say-changed-values.ts";
import { ASKING, sayNoTests, sayTests } from "../domain/plain/say-triage.ts";
import type { TestedVersion, Triage, TriageTests } from "../domain/shapes/monitors.ts";
import { compareWithReference, passRateOf } from "../evaluation/verdict/compare-with-reference.ts";
import type { ConcludedTriage } from "../protocol/monitor-values.ts";
import type { Database, Transaction } from "../storage/database.ts";
import { findReference, findRegate } from "../storage/read/regates.ts";
import { sentValues } from "../storage/read/sent-values.ts";
import { findTriage, type TriageRow } from "../storage/read/triages.ts";
import { transact } from "../storage/transact.ts";
import { endTriage, keepTriage, shareTriage } from "../storage/write/triages.ts";
import { readAnswered } from "./read-answered.ts";
import { rollBackTriaged } from "./roll-back-triaged.ts";

export interface TriageToConclude {
  readonly alertId: string;
  /** Cases that were asked, lists expanded, and for each the first that is the same. */
  readonly cases: number;
  readonly firstEqual: readonly number[];
}

/** What one of the two versions has answered. */
interface Answered {
  readonly version: string;
  readonly evaluationId: string;
  /** Today, kept as a reference is. */
  readonly now: RegateReference;
  /** When it went live; undefined where nobody has asked it the same then. */
  readonly before: RegateReference | undefined;
}

/**
 * Ends a triage once all is answered: keeps with the alert, and with others of the scope that are open, whose doing it is,
 * and goes back to the version before where that was set and helps. Once: asked again it changes nothing.
 */
export async function concludeTriage(
  db: Database,
  { alertId, cases, firstEqual }: TriageToConclude,
): Promise<ConcludedTriage> {
  const triage = await requireTriage(db, alertId);
  const live = await answersOf(db, triage, cases, "live");
  if (typeof live === "string") return none(live);
  const previous = triage.previous_version === null ? null : await answersOf(db, triage, cases, "previous");
  if (typeof previous === "string") return none(previous);
  const { margin } = triage.spec;
  const compared = ({ now }: Answered, reference: RegateReference | undefined): RegateFinding | null =>
    (reference && compareWithReference(now.shares, reference, { firstEqual, margin, alpha: TRIAGE_ALPHA })) ??
    null;
  const findings = {
    live: compared(live, live.before),
    previous: previous && compared(previous, previous.before),
    between: previous && compared(live, previous.now),
  };
  const cause = triageVerdict(findings, { metric: triage.metric ?? "", margin });
  const asked = { live: tested(live), previous: previous && tested(previous) };
  return transact(db, async (transaction) => {
    if (!(await endTriage(transaction, alertId, null))) return known(triage);
    const rollback = cause === "version" ? await rollBackTriaged(transaction, triage) : null;
    const tests: TriageTests = { state: "told", ...asked, problem: null, rollback };
    const sent = cause === "traffic" ? await sentValues(transaction, triage) : undefined;
    const changes = sent ? changedValues(sent.before, sent.now) : [];
    const says = [...sayTests(cause, tests), ...sayChangedValues(changes)];
    await keep(transaction, alertId, { cause, says, tests });
    return { verdict: cause, reason: says[0]! };
  });
}

/** Keeps with the alert why its tests say nothing; one that has ended stays as it is. */
export async function saveTriageProblem(db: Database, alertId: string, problem: string): Promise<void> {
  await transact(db, async (transaction) => {
    const { triage } = await requireTriage(transaction, alertId);
    if (!(await endTriage(transaction, alertId, problem))) return;
    const tests: TriageTests = {
      state: "failed",
      live: null,
      previous: null,
      problem,
      rollback: null,
    };
    const guessed = (triage?.says ?? []).filter((said) => said !== ASKING);
    const says = [...guessed, sayNoTests(problem)];
    await keep(transaction, alertId, { cause: triage?.cause ?? "unknown", says, tests });
  });
}

export async function requireTriage(db: Database, alertId: string): Promise<TriageRow> {
  const found = await findTriage(db, alertId);
  if (!found) throw new SluiceError("internal", `the triage of alert ${alertId} is not stored`);
  return found;
}

async function answersOf(
  db: Database,
  triage: TriageRow,
  cases: number,
  which: "live" | "previous",
): Promise<Answered | string> {
  const isLive = which === "live";
  const evaluationId = isLive ? triage.live_evaluation : triage.previous_evaluation;
  const versionId = isLive ? triage.version_id : triage.previous_version!;
  const version = isLive ? triage.version : (triage.previous ?? "a version that is gone");
  const shares = await readAnswered(db, { evaluationId, cases, repeats: 1, what: ` of ${version}` });
  if (typeof shares === "string") return shares;
  const referenceId = await findReference(db, { versionId, askedSha256: triage.asked_sha256 ?? "" });
  const before = referenceId === undefined ? undefined : (await findRegate(db, referenceId))?.result;
  return {
    version,
    evaluationId,
    now: { cases, passRate: passRateOf(shares)!, shares },
    before: before ? (before as RegateReference) : undefined,
  };
}

function tested({ version, evaluationId, now, before }: Answered): TestedVersion {
  const cases = now.shares.filter((share) => share !== null).length;
  const referencePassRate = before?.passRate ?? null;
  return { version, evaluationId, cases, passRate: now.passRate, referencePassRate };
}

/** Keeps it with the alert, and with the others that it is said of, and tells their webhooks. */
async function keep(transaction: Transaction, alertId: string, triage: Triage): Promise<void> {
  for (const id of [alertId, ...(await shareTriage(transaction, alertId))])
    await keepTriage(transaction, id, triage, { tell: true });
}

function known({ triage }: TriageRow): ConcludedTriage {
  if (triage?.tests?.state === "failed") return none(triage.tests.problem ?? "");
  return { verdict: triage?.cause ?? "unknown", reason: triage?.says[0] ?? "" };
}

function none(reason: string): ConcludedTriage {
  return { verdict: "none", reason };
}

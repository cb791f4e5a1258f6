import type { RegateMonitor } from "../domain/monitors/monitor.ts";
import {
  alphaOf,
  type RegateFinding,
  type RegateReference,
  REFERENCE_REPEATS,
} from "../domain/monitors/regate.ts";
import { sayAlert } from "../domain/plain/say-alert.ts";
import type { AlertEvidence, Triage } from "../domain/shapes/monitors.ts";
import { grouped } from "../domain/text/counted.ts";
import { percent } from "../domain/text/percent.ts";
import { compareWithReference, passRateOf } from "../evaluation/verdict/compare-with-reference.ts";
import type { ConcludedRegate } from "../protocol/monitor-values.ts";
import type { Database, Transaction } from "../storage/database.ts";
import { type Monitored, readMonitored } from "../storage/read/monitored.ts";
import { findRegate, lastFoundGood, type RegateRow } from "../storage/read/regates.ts";
import { transact } from "../storage/transact.ts";
import { openAlert, resolveAlert, seeAlertAgain } from "../storage/write/alerts.ts";
import { endRegate } from "../storage/write/regates.ts";
import { readAnswered } from "./read-answered.ts";

/** Everything that is asked is the same as before, so it is nobody else. */
const TRIAGE: Triage = {
  cause: "model",
  says: [
    "The version, its cases and how they are judged are what they were: the vendor's model answers otherwise under the same name, so a rollback would not help.",
  ],
};

export interface RegateToConclude {
  readonly evaluationId: string;
  /** Cases that it asks, lists expanded, and for each the first that is the same. */
  readonly cases: number;
  readonly firstEqual: readonly number[];
}

/**
 * Ends a run once all is answered: keeps the reference, or compares with it, and opens the alert or closes it. Once: asked
 * again it changes nothing.
 */
export async function concludeRegate(
  db: Database,
  { evaluationId, cases, firstEqual }: RegateToConclude,
): Promise<ConcludedRegate> {
  const regate = await findRegate(db, evaluationId);
  if (!regate) return problem(`the re-gate ${evaluationId} is not stored`);
  const shares = await readAnswered(db, {
    evaluationId,
    cases,
    ...(regate.kind === "reference"
      ? {
          repeats: REFERENCE_REPEATS,
          what: ` of the reference, which asks ${REFERENCE_REPEATS} times`,
        }
      : { repeats: 1 }),
  });
  if (typeof shares === "string") {
    await endRegate(db, evaluationId, { problem: shares });
    return problem(shares);
  }
  if (regate.kind === "reference") {
    const result: RegateReference = { cases, passRate: passRateOf(shares)!, shares };
    await endRegate(db, evaluationId, { result });
    return {
      verdict: "reference",
      cases,
      reason: `${percent(result.passRate)} passed: kept as the reference`,
    };
  }
  const reference = (await findRegate(db, regate.reference_id!))!.result as RegateReference;
  return transact(db, async (transaction) => {
    const monitor = (await readMonitored(transaction)).find(({ id }) => id === regate.monitor_id);
    const spec = monitor?.spec as RegateMonitor | null | undefined;
    const level = { firstEqual, margin: spec?.margin ?? 0, alpha: spec ? alphaOf(spec) : 0.05 };
    const found = compareWithReference(shares, reference, level);
    if (!found) return problem("fewer than two cases can be compared");
    if (!(await endRegate(transaction, evaluationId, { result: found })))
      return concluded(found, "it was concluded before");
    const isLive = monitor?.version_id === regate.version_id && spec?.kind === "regate";
    if (!isLive) return concluded(found, "it is not live any more");
    return concluded(found, await tell(transaction, { regate, monitor, found, margin: spec.margin }));
  });
}

/** Opens the alert, says more of it, or closes it. Gives what is said of the run. */
async function tell(
  transaction: Transaction,
  of: {
    readonly regate: RegateRow;
    readonly monitor: Monitored;
    readonly found: RegateFinding;
    readonly margin: number;
  },
): Promise<string> {
  const { regate, monitor, found, margin } = of;
  const { cases, passRate, referencePassRate, lower, alpha } = found;
  const evidence: AlertEvidence = {
    evaluationId: regate.evaluation_id,
    cases,
    passRate,
    referencePassRate,
    lower,
    alpha,
  };
  const { alert_id: open, name, label, version } = monitor;
  if (open !== null && found.regression <= margin) {
    const resolution = `its tests pass as before: ${percent(passRate)} of ${grouped(cases)}`;
    await resolveAlert(transaction, { id: open, monitor, resolution });
    return resolution;
  }
  if (!found.worse) return `its tests pass about as before: ${percent(passRate)} of ${grouped(cases)}`;
  if (open !== null) await seeAlertAgain(transaction, open, evidence);
  else if (!(monitor.muted_until !== null && monitor.muted_until > new Date())) {
    const { monitor_id: monitorId, reference_id: referenceId } = regate;
    const good = await lastFoundGood(transaction, { monitorId, referenceId: referenceId! });
    const since = good ?? regate.started_at;
    const versionId = regate.version_id;
    await openAlert(transaction, { monitor, versionId, kind: "drift", since, evidence, triage: TRIAGE });
  }
  return sayAlert({ kind: "drift", monitor: name, version: version ?? "", label, evidence });
}

function concluded({ worse, cases }: RegateFinding, reason: string): ConcludedRegate {
  return { verdict: worse ? "worse" : "unchanged", cases, reason };
}

function problem(reason: string): ConcludedRegate {
  return { verdict: "none", cases: 0, reason };
}

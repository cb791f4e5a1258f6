import { digestJson } from "../digest.ts";
import type { OpenedTriage } from "../protocol/monitor-values.ts";
import type { TemporalPlace } from "../protocol/rollout-temporal.ts";
import type { Database } from "../storage/database.ts";
import { inheritedVersion } from "../storage/read/inherited-version.ts";
import { findPointer } from "../storage/read/pointer.ts";
import { findTriage, type TriageRow } from "../storage/read/triages.ts";
import { transact } from "../storage/transact.ts";
import { locateEvaluation, openEvaluation } from "../storage/write/open-evaluation.ts";
import { noteTriageAsked } from "../storage/write/triages.ts";
import { gateToAskAgain, loadGoldenSet } from "./load-golden-set.ts";

/** Under whose name its evaluations are, in lists and in the audit log. */
const BY = "triage";

/**
 * Opens the evaluations that ask what is live, and what a rollback would bring back, their tests once. Both together may
 * cost what one run may cost. However often it is asked, they are the same two.
 */
export async function openTriage(
  db: Database,
  alertId: string,
  place: () => Promise<TemporalPlace>,
): Promise<OpenedTriage> {
  const triage = await findTriage(db, alertId);
  if (!triage || triage.ended_at !== null)
    return { opened: false, reason: "it has come to its end", isProblem: false };
  const asked = await loadGoldenSet(db, triage.prompt);
  if (typeof asked === "string") return { opened: false, reason: asked, isProblem: true };
  const previousId = triage.previous_version ?? (await inheritedBy(db, triage));
  const evaluations = [
    { id: triage.live_evaluation, versionId: triage.version_id },
    ...(previousId === null ? [] : [{ id: triage.previous_evaluation, versionId: previousId }]),
  ];
  const gate = gateToAskAgain(asked.gate, {
    repeats: 1,
    maxCostUsd: triage.spec.max_cost_usd / evaluations.length,
  });
  await transact(db, async (transaction) => {
    await noteTriageAsked(transaction, alertId, { askedSha256: asked.askedSha256, previousId });
    for (const { id, versionId } of evaluations)
      await openEvaluation(transaction, {
        id,
        prompt: triage.prompt,
        by: BY,
        candidateVersion: versionId,
        baselineVersion: null,
        datasetSha256: asked.datasetSha256,
        gate,
        gateSha256: digestJson(gate),
        judgeSha256: asked.judgeSha256,
      });
  });
  const where = await place();
  for (const { id } of evaluations) await locateEvaluation(db, id, where);
  return { opened: true, evaluationIds: evaluations.map(({ id }) => id), version: triage.version };
}

/** What a more general scope serves, where a rollback leads there. */
async function inheritedBy(db: Database, triage: TriageRow): Promise<string | null> {
  const { prompt, label, model, tenant } = triage;
  const pointer = await findPointer(db, { prompt, label, model, tenant });
  if (!pointer?.previous_inherits) return null;
  const inherited = await inheritedVersion(db, pointer);
  return inherited === triage.version_id ? null : inherited;
}

import { digestJson } from "../digest.ts";
import { REFERENCE_REPEATS } from "../domain/monitors/regate.ts";
import type { TemporalPlace } from "../protocol/rollout-temporal.ts";
import type { BegunRegate } from "../protocol/monitor-values.ts";
import type { Database } from "../storage/database.ts";
import { type Monitored, readMonitored } from "../storage/read/monitored.ts";
import { findReference } from "../storage/read/regates.ts";
import { transact } from "../storage/transact.ts";
import { locateEvaluation, openEvaluation } from "../storage/write/open-evaluation.ts";
import { openRegate } from "../storage/write/regates.ts";
import { gateToAskAgain, loadGoldenSet } from "./load-golden-set.ts";

/** Under whose name its evaluations are, in lists and in the audit log. */
const BY = "re-gate";

/**
 * Opens the evaluation that asks the version that is live its golden set again: once for all where it has a reference,
 * else five times over, which is the reference. Nothing is begun, or paid, where nothing is set or live any more. Once for
 * a run of the workflow, however often it is asked.
 */
export async function beginRegate(
  db: Database,
  { monitorId, runId }: { readonly monitorId: string; readonly runId: string },
  place: () => Promise<TemporalPlace>,
): Promise<BegunRegate> {
  const monitor = (await readMonitored(db)).find(({ id }) => id === monitorId);
  const spec = monitor?.spec;
  if (!monitor || spec === null || spec === "off" || spec?.kind !== "regate")
    return { begun: false, reason: "no re-gate is set there any more", isProblem: false };
  const { prompt, version, version_id: versionId } = monitor;
  if (versionId === null) return { begun: false, reason: "nothing is live there", isProblem: false };
  const opened = { monitorId, versionId, runId };
  const asked = await loadGoldenSet(db, prompt);
  if (typeof asked === "string") {
    await transact(db, (transaction) =>
      openRegate(transaction, {
        ...opened,
        kind: "run",
        askedSha256: null,
        referenceId: null,
        problem: asked,
      }),
    );
    return { begun: false, reason: asked, isProblem: true };
  }
  const { datasetSha256, judgeSha256, askedSha256 } = asked;
  const referenceId = (await findReference(db, { versionId, askedSha256 })) ?? null;
  const gate = gateToAskAgain(asked.gate, {
    repeats: referenceId === null ? REFERENCE_REPEATS : 1,
    maxCostUsd: spec.max_cost_usd,
  });
  const evaluationId = await transact(db, async (transaction) => {
    const kind = referenceId === null ? "reference" : "run";
    const id = await openRegate(transaction, { ...opened, kind, askedSha256, referenceId });
    await openEvaluation(transaction, {
      id,
      prompt,
      by: BY,
      candidateVersion: versionId,
      baselineVersion: null,
      datasetSha256,
      gate,
      gateSha256: digestJson(gate),
      judgeSha256,
    });
    return id;
  });
  await locateEvaluation(db, evaluationId, await place());
  return { begun: true, evaluationId, version: version ?? nameless(monitor) };
}

function nameless({ prompt }: Monitored): string {
  return `${prompt}, a version that is gone`;
}

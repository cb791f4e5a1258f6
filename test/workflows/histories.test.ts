import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";

const FOLDER = join(import.meta.dirname, "..", "fixtures", "histories");
/** What a value in a history may be called: ids, counts, names, verdicts, and the sentences that say why. */
const KNOWN = new Set(
  `alertId alone approvalTimeoutMs approveBefore approvers assessments awaits baseline baselinePassRate batches before begun by
  candidate candidateVersion cases change ci closed code commit contents control costUsd datasetSha256 dead_letters
  decision deliveryId deprecated diff done epoch errors evaluationId evaluationIds evaluation_results exposures findings from
  fromBlock frozen frozenMs granted hasGate holdTimeoutMs id isBudgetGone isGateAlone isLastTry isLost isProblem isWell label lanes
  looks message metric metrics missing mode model monitorId moved needs next notifies onInconclusive onInsufficient open opened open_units
  operation operations outage outcome outcomes passRate paused phase point policySha256 problems promoteNow prompt
  propagationId reason recorded removed requestId reused revision role rolloutId rollouts rows runId scope served stage stages
  startedBy state steps table tenant ticks to told total units until usage usage_histogram verdict version waitMs waitingFor
  watchForMs watchHeartbeatMs`.split(/\s+/),
);
/** Longer than any sentence that says why. */
const LONGEST = 400;

interface Found {
  readonly keys: Set<string>;
  readonly texts: string[];
}

/** Everything that Temporal keeps as a payload: inputs, results, updates, failures, memos, summaries. */
function payloadsOf(part: unknown, found: Found): void {
  if (typeof part !== "object" || part === null) return;
  const { data, metadata } = part as { readonly data?: unknown; readonly metadata?: unknown };
  if (typeof data === "string" && metadata !== undefined) {
    const text = Buffer.from(data, "base64").toString("utf8");
    valuesOf(text === "" ? null : JSON.parse(text), found);
    return;
  }
  for (const value of Object.values(part)) payloadsOf(value, found);
}

function valuesOf(value: unknown, found: Found): void {
  if (typeof value === "string") found.texts.push(value);
  if (typeof value !== "object" || value === null) return;
  for (const [key, inner] of Object.entries(value)) {
    if (!Array.isArray(value)) found.keys.add(key);
    valuesOf(inner, found);
  }
}

const histories = readdirSync(FOLDER).filter((name) => name.endsWith(".json"));

describe("a workflow's history", () => {
  it.each(histories)("has nothing of what was asked, answered or reported: %s", (name) => {
    const found: Found = { keys: new Set(), texts: [] };
    payloadsOf(JSON.parse(readFileSync(join(FOLDER, name), "utf8")), found);
    expect(found.texts.length).toBeGreaterThan(0);
    expect([...found.keys].filter((key) => !KNOWN.has(key))).toEqual([]);
    expect(found.texts.filter((text) => text.length > LONGEST)).toEqual([]);
  });
});

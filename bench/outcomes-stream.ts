import { unitDigest } from "../src/digest.ts";
import { outcomeRow } from "../src/resolver/recording/outcome.ts";
import type { Random } from "../src/statistics/planning/seeded-random.ts";

/** What services report of one rollout: batches of outcomes, each unit's spread over several of them. */
export interface Reports {
  readonly rollout: string;
  readonly baseline: string;
  readonly candidate: string;
  readonly random: Random;
  /** Outcomes a batch. */
  readonly batch: number;
  /** Outcomes a unit; it is exposed with its first. */
  readonly perUnit: number;
  /** Metrics an outcome. */
  readonly metrics: 1 | 2;
}

/** Batch number `at`, from 0, as the text that the resolver library would send. */
export function reportBatch(reports: Reports, at: number): string {
  const { rollout, baseline, candidate, random, batch, perUnit, metrics: count } = reports;
  const wave = Math.floor(at / perUnit);
  const exposures: string[] = [];
  const outcomes: string[] = [];
  for (let i = 0; i < batch; i++) {
    const unit = unitDigest(undefined, `${rollout} ${wave} ${i}`);
    const arm = i % 2 === 0 ? "candidate" : "control";
    if (at % perUnit === 0) exposures.push(JSON.stringify({ rollout, unit, arm, epoch: 1 }));
    const versionId = arm === "candidate" ? candidate : baseline;
    const subject = { versionId, rolloutId: rollout, unit, label: "production", model: "", tenant: "" };
    const metrics = {
      rating: 1 + Math.floor(5 * random()),
      ...(count === 2 && { latency_ms: Math.round(Math.exp(6 + random() + random())) }),
    };
    outcomes.push(outcomeRow(subject, { metrics }, refused)!);
  }
  return `{"exposures":[${exposures.join(",")}],"outcomes":[${outcomes.join(",")}]}`;
}

function refused(problem: { readonly message: string }): never {
  throw new Error(problem.message);
}

import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { sql } from "kysely";
import { readPolicyFile } from "../../src/domain/policy/policy-file.ts";
import { findRollout } from "../../src/storage/read/rollout-row.ts";
import { transact } from "../../src/storage/transact.ts";
import { storeDocument } from "../../src/storage/write/store-document.ts";
import { requireOpenRollout } from "../../src/use-cases/control-rollout.ts";
import { controlRollout } from "../../src/temporal/rollout-client.ts";
import { startRollout } from "../../src/use-cases/start-rollout.ts";
import { createRolloutBench, type RolloutBench } from "../support/rollout-bench.ts";

const POLICY = `
metrics: { rating: { window: 1h } }
canary:
  stages: [{ share: 5%, for: 1h }, { share: 50% }]
  interval: 5s
  min_units: 40
  max_units: 600
  max_duration: 14d
  lease: 2m
  goal: { metric: rating, direction: higher, claim: superior }
`;
/** More than the SDK gives an activity worker by default. */
const CANARIES = 104;
const STARTED_AT_ONCE = 6;

describe("one worker with more canaries than it has slots for moves", { tags: "long" }, () => {
  let bench: RolloutBench;
  beforeEach(async () => {
    bench = await createRolloutBench();
    await bench.seed();
  });
  afterEach(() => bench.close());

  it("watches them all, and carries out an abort as if there were one", async () => {
    bench.startWorker();
    const body = readPolicyFile(POLICY, "policy.yaml");
    const policySha256 = await transact(bench.db, (transaction) =>
      storeDocument(transaction, { kind: "policy", name: "p", body }),
    );
    const scopeOf = (index: number) => ({ ...bench.scope, tenant: `tenant-${index}` });
    const rolloutIds: string[] = [];
    let next = 0;
    const lane = async () => {
      while (next < CANARIES) {
        const index = next++;
        const { rolloutId } = await startRollout(bench.db, bench.starter, {
          scope: scopeOf(index),
          prompt: bench.prompt,
          number: 2,
          policySha256,
          by: "test",
        });
        rolloutIds[index] = rolloutId;
      }
    };
    await Promise.all(Array.from({ length: STARTED_AT_ONCE }, lane));
    const watched = async () => {
      const { rows } = await sql<{ n: number }>`
        select count(distinct rollout_id) as n from sluice.assessments`.execute(bench.db);
      return rows[0]!.n;
    };
    // As slow as the machine may be, but it goes on.
    for (let seen = 0; seen < CANARIES; seen = await watched())
      await expect.poll(watched, { timeout: 40_000, interval: 500 }).toBeGreaterThan(seen);
    // A sign of life of each in a third of five seconds, because that is how often it looks.
    const { events } = await bench.client.workflow
      .getHandle((await findRollout(bench.db, rolloutIds[0]!))!.workflow_id)
      .fetchHistory();
    const watch = events!.flatMap((event) => event.activityTaskScheduledEventAttributes ?? []).at(-1)!;
    expect(watch.activityType?.name).toBe("watchStage");
    expect(Number(watch.heartbeatTimeout?.seconds)).toBe(5);
    const { id, workflow_id } = await requireOpenRollout(bench.db, scopeOf(7));
    const seventh = { rolloutId: id, workflowId: workflow_id };
    await controlRollout(bench.client, seventh, "abort", { by: "ann", reason: "bad" });
    const outcome = async () => (await findRollout(bench.db, rolloutIds[7]!))?.outcome;
    await expect.poll(outcome, { timeout: 40_000 }).toBe("aborted");
  }, 240_000);
});

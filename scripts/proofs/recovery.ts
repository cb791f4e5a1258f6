import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { scopeColumns } from "../../src/domain/scope.ts";
import { seededRandom } from "../../src/local/model-server/seeded-random.ts";
import { readAudit } from "../../src/storage/read/audit.ts";
import { newestAssessment } from "../../src/storage/read/rollout-evidence.ts";
import { findRollout } from "../../src/storage/read/rollout-row.ts";
import { controlRollout } from "../../src/temporal/rollout-client.ts";
import { startRollout } from "../../src/use-cases/start-rollout.ts";
import { pushRepeater, seedRepeater } from "../../test/support/evaluation-scene.ts";
import { openStage, type EvaluationStage } from "../../test/support/evaluation-stage.ts";
import { indifferent, simulateTraffic } from "../../test/support/simulate-traffic.ts";
import type { ProofOptions } from "../prove.ts";

const KILLS = 20;
/** Of one canary, so that several are killed. */
const MOST_KILLS = 5;
const GOAL_MS = 6_000;
const POLICY = `
metrics: { rating: { window: 100ms } }
canary:
  stages: [{ share: 5% }, { share: 25% }, { share: 50% }]
  interval: 200ms
  min_units: 2000
  max_units: 10000000
  max_duration: 1h
  lease: 1m
  goal: { metric: rating, direction: higher, claim: superior }
`;

/**
 * `kill -9` of the only worker at random moments of canaries under traffic, 20 times, and a new one started at
 * once. Each time a new tick is stored within 6 s of the new worker's being ready, and in the end every move
 * of the pointer stands in the audit log once.
 */
export async function prove({ seed, minutes }: ProofOptions): Promise<boolean> {
  const deadline = Date.now() + minutes * 60_000;
  const random = seededRandom(seed);
  await using stage = await openStage({ latencyMs: 0 });
  await seedRepeater(stage);
  const scope = scopeColumns({ label: "production", prompt: stage.prompt });
  const stop = new AbortController();
  // Nothing is decided: what ends a canary is the proof itself.
  const traffic = simulateTraffic(stage.db, scope, indifferent(), stop.signal);
  const waits: number[] = [];
  let holds = true;
  try {
    for (let number = 2; waits.length < KILLS; number += 1) {
      await pushRepeater(stage, number);
      let worker = await stage.startWorker();
      const { rolloutId, workflowId } = await start(stage, number);
      for (let kill = 0; kill < MOST_KILLS && waits.length < KILLS; kill += 1) {
        await delay(random() * 3_000);
        const before = await lastTick(stage, rolloutId);
        worker.kill("SIGKILL");
        await once(worker, "exit");
        worker = await stage.startWorker();
        const ready = performance.now();
        while ((await lastTick(stage, rolloutId)) === before) {
          if (Date.now() > deadline) {
            say(`VIOLATED  version ${number}: no tick came after kill ${kill + 1} in ${minutes} minutes`);
            return false;
          }
          await delay(10);
        }
        waits.push(performance.now() - ready);
      }
      while ((await findRollout(stage.db, rolloutId))?.stage !== 3) await delay(20);
      const promote = () =>
        controlRollout(stage.client, { rolloutId, workflowId }, "promote", { by: "proof" });
      while (!(await promote()).granted) await delay(100);
      await stage.client.workflow.getHandle(workflowId).result();
      worker.kill("SIGKILL");
      await once(worker, "exit");
      const moves = (await readAudit(stage.db, { rolloutId })).map((line) => line.action).join(", ");
      const isOnce = moves === "rollout_started, stage_opened, stage_opened, stage_opened, promoted";
      holds &&= isOnce;
      say(`${isOnce ? "holds   " : "VIOLATED"}  version ${number}: ${moves}`);
    }
  } finally {
    stop.abort();
    await traffic;
  }
  const sorted = waits.toSorted((a, b) => a - b);
  const longest = sorted.at(-1)!;
  const isSoon = longest < GOAL_MS;
  const seconds = (ms: number) => (ms / 1000).toFixed(1);
  say(
    `${isSoon ? "holds   " : "VIOLATED"}  ${KILLS} kills: a tick ${seconds(sorted[KILLS >> 1]!)} s (median), ${seconds(longest)} s (longest) after the new worker was ready; goal ${seconds(GOAL_MS)} s`,
  );
  return holds && isSoon;
}

async function start(stage: EvaluationStage, number: number) {
  const policyFile = join(stage.folder, "recovery.rollout.yaml");
  await writeFile(policyFile, POLICY);
  const scope = scopeColumns({ label: "production", prompt: stage.prompt });
  return startRollout(stage.db, stage.starter, {
    scope,
    prompt: stage.prompt,
    number,
    policyFile,
    by: "proof",
  });
}

async function lastTick({ db }: EvaluationStage, rolloutId: string): Promise<number> {
  return (await newestAssessment(db, rolloutId))?.tick ?? 0;
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

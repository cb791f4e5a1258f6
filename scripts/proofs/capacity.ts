import { setTimeout as delay } from "node:timers/promises";
import { sql } from "kysely";
import { SluiceError } from "../../src/domain/errors.ts";
import { readPolicyFile } from "../../src/domain/policy/policy-file.ts";
import { scopeColumns, type ScopeColumns } from "../../src/domain/scope.ts";
import { findPointer } from "../../src/storage/read/pointer.ts";
import { transact } from "../../src/storage/transact.ts";
import { storeDocument } from "../../src/storage/write/store-document.ts";
import { requireOpenRollout } from "../../src/use-cases/control-rollout.ts";
import { controlRollout } from "../../src/temporal/rollout-client.ts";
import { startRollout } from "../../src/use-cases/start-rollout.ts";
import { pushRepeater, seedRepeater } from "../../test/support/evaluation-scene.ts";
import { openStage, type EvaluationStage } from "../../test/support/evaluation-stage.ts";
import { cpuSeconds, peakMemory } from "../../test/support/process-usage.ts";
import type { ProofOptions } from "../prove.ts";

const STEPS = [1, 100, 1_000];
const STARTED_AT_ONCE = 16;
/** At the most: a step of one canary has no more. */
const ABORTS = 20;
const GOAL_MS = 1_000;
/** The machine is watched this long with all canaries and nothing else. */
const REST_MS = 30_000;
/** Without one more canary for this long, it does not go on. */
const STUCK_MS = 120_000;
const POLICY = `
metrics: { rating: { window: 1h } }
canary:
  stages: [{ share: 5%, for: 7d }, { share: 50% }]
  interval: 1m
  min_units: 40
  max_units: 600
  max_duration: 14d
  goal: { metric: rating, direction: higher, claim: superior }
`;

/**
 * A hundred and a thousand canaries on one worker process: each is watched, no lease runs out, and an abort takes
 * the candidate's traffic off within a second (median). How long it takes to start them is the machine's affair, as
 * long as it goes on. Prints what all of it needs.
 */
export async function prove({ minutes }: ProofOptions): Promise<boolean> {
  const deadline = performance.now() + minutes * 60_000;
  await using stage = await openStage({ latencyMs: 0 });
  await seedRepeater(stage);
  await pushRepeater(stage, 2);
  const worker = await stage.startWorker();
  const processes = { worker: worker.pid!, ...stage.pids };
  const body = readPolicyFile(POLICY, "capacity.rollout.yaml");
  const policySha256 = await transact(stage.db, (transaction) =>
    storeDocument(transaction, { kind: "policy", name: "capacity", body }),
  );
  let next = 0;
  let aborted = 0;
  let holds = true;
  for (const step of STEPS) {
    const began = performance.now();
    const startCpu = await cpuOf(processes);
    const lane = async () => {
      while (next < step && performance.now() < deadline) {
        const scope = scopeOf(stage, next++);
        await insist(() =>
          startRollout(stage.db, stage.starter, {
            scope,
            prompt: stage.prompt,
            number: 2,
            policySha256,
            requestId: scope.tenant,
            by: "proof",
          }),
        );
      }
    };
    const starting = Promise.all(Array.from({ length: STARTED_AT_ONCE }, lane));
    const stuckAt = await untilWatched(stage, step, deadline);
    if (stuckAt !== undefined) {
      say(`VIOLATED  ${step} canaries: ${stuckAt}`);
      return false;
    }
    await starting;
    say(
      `          ${step} canaries are watched ${seconds(began)} s later: ${spent(startCpu, await cpuOf(processes), (performance.now() - began) / 1_000)}`,
    );
    const before = await cpuOf(processes);
    await delay(REST_MS);
    const atRest = spent(before, await cpuOf(processes), REST_MS / 1_000);
    const waits: number[] = [];
    while (waits.length < ABORTS && aborted < step) waits.push(await abort(stage, scopeOf(stage, aborted++)));
    waits.sort((a, b) => a - b);
    const lapsed = await leasesOver(stage);
    const median = waits[waits.length >> 1]!;
    const isKept = median < GOAL_MS && lapsed === 0;
    holds &&= isKept;
    say(
      `${isKept ? "holds   " : "VIOLATED"}  ${step} canaries: an abort takes ${Math.round(median)} ms (median), ${Math.round(waits.at(-1)!)} ms (longest of ${waits.length}), goal ${GOAL_MS} ms; ${lapsed} leases ran out; ${atRest}; the worker's memory was ${Math.round((await peakMemory(worker)) ?? 0)} MB at most`,
    );
  }
  return holds;
}

/** Waits until so many canaries are watched. Gives what stands in the way when it does not go on, or not in time. */
async function untilWatched(
  stage: EvaluationStage,
  wanted: number,
  deadline: number,
): Promise<string | undefined> {
  let most = -1;
  let movedAt = performance.now();
  for (;;) {
    const now = await watched(stage);
    if (now >= wanted) return undefined;
    if (now > most) {
      most = now;
      movedAt = performance.now();
    }
    if (performance.now() - movedAt > STUCK_MS)
      return `${now} are watched, and not one more since ${STUCK_MS / 1_000} s`;
    if (performance.now() > deadline)
      return `not shown: ${now} are watched, and the time is up (give it more --minutes)`;
    await delay(1_000);
  }
}

type Processes = Record<string, number>;

async function cpuOf(processes: Processes): Promise<Processes> {
  const spentBy = Object.entries(processes).map(
    async ([name, pid]) => [name, await cpuSeconds(pid)] as const,
  );
  return Object.fromEntries(await Promise.all(spentBy));
}

/** `worker 12 %, postgres 30 %, temporal 140 % of a core`. */
function spent(before: Processes, after: Processes, overSeconds: number): string {
  const shares = Object.entries(after).map(
    ([name, cpu]) => `${name} ${(((cpu - before[name]!) / overSeconds) * 100).toFixed(0)} %`,
  );
  return `${shares.join(", ")} of a core`;
}

function seconds(began: number): string {
  return ((performance.now() - began) / 1_000).toFixed(0);
}

/** A dev server that is asked for a thousand workflows at once may be late with some. */
async function insist<T>(work: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof SluiceError) || !error.retryable || attempt === 10) throw error;
      await delay(500);
    }
  }
}

function scopeOf({ prompt }: EvaluationStage, index: number): ScopeColumns {
  return scopeColumns({ label: "production", prompt, tenant: `tenant-${index}` });
}

/** From the request until the pointer shows no candidate, in ms. */
async function abort({ client, db }: EvaluationStage, scope: ScopeColumns): Promise<number> {
  const began = performance.now();
  const { id, workflow_id } = await requireOpenRollout(db, scope);
  await controlRollout(client, { rolloutId: id, workflowId: workflow_id }, "abort", {
    by: "proof",
    reason: "enough",
  });
  while ((await findPointer(db, scope))?.mode !== null) await delay(5);
  return performance.now() - began;
}

async function watched({ db }: EvaluationStage): Promise<number> {
  const { rows } = await sql<{ n: number }>`
    select count(distinct rollout_id) as n from sluice.assessments`.execute(db);
  return rows[0]!.n;
}

async function leasesOver({ db }: EvaluationStage): Promise<number> {
  const { rows } = await sql<{ n: number }>`
    select count(*) as n from sluice.pointers where mode is not null and lease_until < now()`.execute(db);
  return rows[0]!.n;
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

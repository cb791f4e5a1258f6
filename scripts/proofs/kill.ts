import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { setTimeout as delay } from "node:timers/promises";
import type { LoggedRequest } from "../../src/local/model-server/request-log.ts";
import { seededRandom } from "../../src/local/model-server/seeded-random.ts";
import { costOf, priceOf } from "../../src/providers/prices.ts";
import { budgetOf } from "../../src/storage/read/evaluation.ts";
import { controlRollout } from "../../src/temporal/rollout-client.ts";
import { callKey, pushRepeater, seedRepeater, startGated } from "../../test/support/evaluation-scene.ts";
import { type EvaluationStage, openStage } from "../../test/support/evaluation-stage.ts";
import type { ProofOptions } from "../prove.ts";

const KILLS = 20;
/** Of one evaluation, so that several are killed. */
const MOST_KILLS = 7;
const LATENCY_MS = 120;
const CASES = 400;
/** A call that was under way when the worker died is answered, and logged, a moment later. */
const SETTLED_MS = 500;
/** Enough for everything, and what is used up on the way. */
const CAPS_USD = [5, 0.02] as const;
const PRICE = priceOf({ provider: "openai", model: "gpt-5.4-mini" });

/**
 * `kill -9` of the worker process at random moments of evaluations, 20 times. By the model server's own log no
 * call whose result was recorded is ever made again, in this evaluation or a later one, and what the calls of
 * an evaluation have cost together stays within its budget, those that died unrecorded included.
 */
export async function prove({ seed, minutes }: ProofOptions): Promise<boolean> {
  const deadline = Date.now() + minutes * 60_000;
  const random = seededRandom(seed);
  await using stage = await openStage({ latencyMs: LATENCY_MS });
  await seedRepeater(stage);
  const book = new CallBook(stage);
  let kills = 0;
  let holds = true;
  for (let round = 0; kills < KILLS; round += 1) {
    if (Date.now() > deadline) {
      say(`VIOLATED  only ${kills} of ${KILLS} kills in ${minutes} minutes: nothing is proven`);
      return false;
    }
    const capUsd = CAPS_USD[round % CAPS_USD.length]!;
    const number = round + 2;
    await pushRepeater(stage, number);
    let worker = await stage.startWorker();
    const started = await startGated(stage, number, { cases: CASES, gate: `max_cost_usd: ${capUsd}` });
    const finished = { done: false };
    const end = evaluationEnd(stage, started.rolloutId).finally(() => (finished.done = true));
    const before = kills;
    while (!finished.done && kills < KILLS && kills - before < MOST_KILLS) {
      await Promise.race([end, delay(random() * 4_000)]);
      if (finished.done) break;
      await kill(worker);
      kills += 1;
      await delay(SETTLED_MS);
      await book.note();
      worker = await stage.startWorker();
    }
    const verdict = await end;
    const evaluationId = await evaluationOf(stage, started.rolloutId);
    const calls = await book.note();
    const paidUsd = book.takePaid();
    const budget = (await budgetOf(stage.db, evaluationId))!;
    const isKept = paidUsd <= capUsd && budget.spentUsd <= capUsd && paidUsd <= budget.spentUsd + 1e-9;
    holds &&= isKept;
    say(
      `${isKept ? "holds   " : "VIOLATED"}  version ${number}: ${verdict}, ${kills - before} kills, ${calls} calls recorded in all; paid $${paidUsd.toFixed(6)}, counted $${budget.spentUsd.toFixed(6)}, cap $${capUsd}`,
    );
    await closeRollout(stage, started);
    await kill(worker);
  }
  holds &&= book.repeated.length === 0;
  say(
    `${book.repeated.length === 0 ? "holds   " : "VIOLATED"}  ${kills} kills, ${book.total} calls: ${book.repeated.length} that were recorded have been made again${book.repeated.length > 0 ? ` (${book.repeated.slice(0, 5).join(", ")})` : ""}; ${book.lost} that were not, because the worker died before it could`,
  );
  return holds;
}

/** What the model server was asked, held against what Postgres knew at the time. */
class CallBook {
  readonly repeated: string[] = [];
  total = 0;
  /** Calls made more than once, though never recorded before. */
  lost = 0;
  readonly #stage: EvaluationStage;
  readonly #made = new Set<string>();
  #recorded = new Set<string>();
  #last = 0;
  #paidUsd = 0;

  constructor(stage: EvaluationStage) {
    this.#stage = stage;
  }

  /** Reads the log since the last time. Only while no worker runs, or nothing is under way. */
  async note(): Promise<number> {
    const entries = this.#stage.models.requests().filter(({ n }) => n > this.#last);
    for (const entry of entries) this.#add(entry);
    this.#last = entries.at(-1)?.n ?? this.#last;
    this.#recorded = await recordedCalls(this.#stage);
    return this.#recorded.size;
  }

  #add(entry: LoggedRequest): void {
    const call = callKey(entry);
    this.total += 1;
    this.#paidUsd += costOf(entry.usage, PRICE)!;
    if (this.#recorded.has(call)) this.repeated.push(call);
    else if (this.#made.has(call)) this.lost += 1;
    this.#made.add(call);
  }

  /** What the calls since the last time have cost, in US dollars. */
  takePaid(): number {
    const paid = this.#paidUsd;
    this.#paidUsd = 0;
    return paid;
  }
}

/** By version and case, as the log names calls. */
async function recordedCalls({ db }: EvaluationStage): Promise<Set<string>> {
  const rows = await db
    .selectFrom("evaluation_results")
    .innerJoin("evaluations", "evaluations.id", "evaluation_results.evaluation_id")
    .innerJoin("versions", (join) =>
      join.on((on) =>
        on.or([
          on.and([on("arm", "=", "candidate"), on("versions.id", "=", on.ref("candidate_version"))]),
          on.and([on("arm", "=", "baseline"), on("versions.id", "=", on.ref("baseline_version"))]),
        ]),
      ),
    )
    .select(["versions.number", "case_index"])
    .execute();
  return new Set(rows.map((row) => `${row.number}/${row.case_index}`));
}

async function evaluationOf({ db }: EvaluationStage, rolloutId: string): Promise<string> {
  const row = await db
    .selectFrom("evaluations")
    .select("id")
    .where("rollout_id", "=", rolloutId)
    .executeTakeFirstOrThrow();
  return row.id;
}

/** The verdict, however many workers it takes. */
async function evaluationEnd({ db }: EvaluationStage, rolloutId: string): Promise<string> {
  for (;;) {
    const row = await db
      .selectFrom("evaluations")
      .select("verdict")
      .where("rollout_id", "=", rolloutId)
      .executeTakeFirst();
    if (row?.verdict) return row.verdict;
    await delay(50);
  }
}

async function closeRollout(
  stage: EvaluationStage,
  rollout: { readonly rolloutId: string; readonly workflowId: string },
): Promise<void> {
  // It may have ended with its gate.
  await controlRollout(stage.client, rollout, "abort", { by: "proof" }).catch(() => undefined);
  await stage.client.workflow.getHandle(rollout.workflowId).result();
}

async function kill(worker: ChildProcess): Promise<void> {
  const gone = once(worker, "exit");
  worker.kill("SIGKILL");
  await gone;
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

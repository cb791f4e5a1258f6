import { execFile } from "node:child_process";
import { setTimeout as delay } from "node:timers/promises";
import { promisify } from "node:util";
import { startModelServer } from "../src/local/model-server/server.ts";
import { controlRollout } from "../src/temporal/rollout-client.ts";
import { pushRepeater, seedRepeater, startGated } from "../test/support/evaluation-scene.ts";
import { type EvaluationStage, openStage } from "../test/support/evaluation-stage.ts";
import { peakMemory } from "../test/support/process-usage.ts";
import type { EvaluationTaken } from "./evaluation-process.ts";
import type { BenchOptions, Row } from "./row.ts";

const MOST_MB = 400;
const MOST_EVENTS = 2_000;
/** Of what n calls of latency L take when c are always under way. */
const NEAR_IDEAL = 1.1;

/**
 * An evaluation takes little more than its calls do (n L / c), whether it runs in one process or as a
 * workflow with every result in Postgres, and ten thousand cases take little memory and little history.
 */
export async function run({ minutes, progress }: BenchOptions): Promise<Row[]> {
  const rows: Row[] = [];
  const latencyMs = 400;
  // Half a minute each when there is time.
  const casesFor = (concurrency: number) =>
    Math.round((Math.min(30_000, minutes * 6_000) / latencyMs) * concurrency);
  for (const concurrency of [8, 40]) {
    const cases = casesFor(concurrency);
    progress(`${cases} calls of ${latencyMs} ms, ${concurrency} at once`);
    const taken = await inOwnProcess(latencyMs, { cases, concurrency, baseline: false });
    rows.push(
      wallRow(
        `${cases} calls, ${concurrency} at once, ${latencyMs} ms each`,
        taken.wallMs,
        (cases * latencyMs) / concurrency,
      ),
    );
  }
  for (const baseline of [false, true]) {
    progress(`10,000 cases${baseline ? " in two versions" : ""}`);
    const taken = await inOwnProcess(0, { cases: 10_000, concurrency: 32, baseline });
    rows.push({
      ...BLANK,
      work: `memory of 10,000 cases${baseline ? " in two versions" : ""}`,
      ours: taken.peakMb,
      unit: "MB",
      goal: MOST_MB,
      met: taken.peakMb < MOST_MB,
      note: `${taken.runs} results, verdict ${taken.verdict}`,
    });
  }
  return [...rows, ...(await asWorkflow(latencyMs, casesFor(8), progress))];
}

const BLANK = { peer: null, peerName: null, limit: null, ratio: null } as const;

function wallRow(work: string, wallMs: number, idealMs: number): Row {
  const goal = (NEAR_IDEAL * idealMs) / 1000;
  return {
    ...BLANK,
    work,
    ours: wallMs / 1000,
    unit: "s",
    limit: idealMs / 1000,
    ratio: wallMs / idealMs,
    goal,
    met: wallMs / 1000 <= goal,
  };
}

async function inOwnProcess(
  latencyMs: number,
  asked: { readonly cases: number; readonly concurrency: number; readonly baseline: boolean },
): Promise<EvaluationTaken> {
  const models = await startModelServer({ latencyMs });
  try {
    const file = new URL("evaluation-process.ts", import.meta.url).pathname;
    const { stdout } = await promisify(execFile)(process.execPath, [
      file,
      `--models=${models.url}`,
      `--cases=${asked.cases}`,
      `--concurrency=${asked.concurrency}`,
      ...(asked.baseline ? ["--baseline"] : []),
    ]);
    return JSON.parse(stdout) as EvaluationTaken;
  } finally {
    await models.stop();
  }
}

/** By a real worker, with Temporal and Postgres. Its providers make 8 calls at once. */
async function asWorkflow(
  latencyMs: number,
  cases: number,
  progress: (line: string) => void,
): Promise<Row[]> {
  const runs = 10_000;
  await using stage = await openStage({ latencyMs: 0 });
  await seedRepeater(stage);
  const worker = await stage.startWorker();
  const idleMb = await peakMemory(worker);
  progress(`${runs} runs as a workflow`);
  await pushRepeater(stage, 2);
  const many = await evaluated(stage, 2, runs / 2);
  const peakMb = await peakMemory(worker);
  progress(`${cases} calls of ${latencyMs} ms as a workflow, 8 at once`);
  // The baseline's results are known by now, so only the candidate's calls are made.
  await pushRepeater(stage, 3, `openai/gpt-5.4-mini+latency=${latencyMs}`);
  const { wallMs } = await evaluated(stage, 3, cases);
  return [
    wallRow(`${cases} calls as a workflow, 8 at once, ${latencyMs} ms each`, wallMs, (cases * latencyMs) / 8),
    {
      ...BLANK,
      work: `events of the history of ${runs} runs`,
      ours: many.events,
      unit: "events",
      goal: MOST_EVENTS,
      met: many.events < MOST_EVENTS,
    },
    {
      ...BLANK,
      work: `memory that ${runs} runs add to a worker`,
      ours: peakMb === null || idleMb === null ? null : peakMb - idleMb,
      unit: "MB",
      goal: null,
      met: null,
      note: `idle ${Math.round(idleMb ?? 0)} MB`,
    },
  ];
}

async function evaluated(
  stage: EvaluationStage,
  number: number,
  cases: number,
): Promise<{ readonly wallMs: number; readonly events: number }> {
  const started = await startGated(stage, number, { cases });
  const handle = stage.client.workflow.getHandle(`evaluation:${started.rolloutId}`);
  while (!(await handle.describe().catch(() => undefined))) await delay(50);
  await handle.result();
  const { startTime, closeTime } = await handle.describe();
  const { events } = await handle.fetchHistory();
  // The scope is free for the next one.
  await controlRollout(stage.client, started, "abort", { by: "bench" });
  await stage.client.workflow.getHandle(started.workflowId, started.runId ?? undefined).result();
  return { wallMs: closeTime!.getTime() - startTime.getTime(), events: events!.length };
}

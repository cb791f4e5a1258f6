import { median } from "simple-statistics";
import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { startPostgres } from "../src/local/postgres/postgres.ts";
import { createRunFolder } from "../src/local/stack/run-folder.ts";
import type { Bench, Row } from "./row.ts";

const ROOT = new URL("..", import.meta.url).pathname;
const SLUICE = join(ROOT, "bin", "sluice.mjs");
const LEAST_ROUNDS = 7;
const MOST_ROUNDS = 60;

interface Work {
  readonly work: string;
  readonly args: readonly string[];
  /** How many times as long as a bare Node it may take. */
  readonly goal: number | null;
}

const NODE: Work = { work: "bare node", args: ["-e", "0"], goal: null };
const WORKS: readonly Work[] = [
  { work: "sluice --help", args: [SLUICE, "--help"], goal: 2 },
  { work: "sluice rollout start --help", args: [SLUICE, "rollout", "start", "--help"], goal: 2 },
  { work: "sluice list", args: [SLUICE, "list"], goal: 6 },
  { work: "sluice versions", args: [SLUICE, "versions", "bench"], goal: 6 },
  { work: "sluice show", args: [SLUICE, "show", "bench"], goal: 6 },
  { work: "sluice rollout list", args: [SLUICE, "rollout", "list"], goal: 6 },
  { work: "sluice pointers", args: [SLUICE, "pointers"], goal: 6 },
  { work: "sluice audit", args: [SLUICE, "audit", "bench"], goal: 6 },
  { work: "sluice resolve", args: [SLUICE, "resolve", "bench"], goal: 6 },
];

/** What starting a command costs, beside a Node that does nothing, measured in turns. */
export const run: Bench = async ({ minutes, progress }) => {
  const own = await createRunFolder(join(ROOT, ".sluice", "runs"));
  const folder = own.path;
  const postgres = await startPostgres({ dataDir: join(folder, "postgres"), durable: false });
  try {
    const env = { ...process.env, DATABASE_URL: postgres.url, NO_COLOR: "1" };
    prepare(folder, env);
    const all = [NODE, ...WORKS];
    // The first call of each compiles what the next ones find compiled.
    for (const { args } of all) time(args, env);
    const times = new Map(all.map(({ work }) => [work, [] as number[]]));
    const until = performance.now() + minutes * 30_000;
    for (let round = 0; round < MOST_ROUNDS && (round < LEAST_ROUNDS || performance.now() < until); round++) {
      for (const { work, args } of all) times.get(work)!.push(time(args, env));
      if (round % 10 === 9) progress(`${round + 1} rounds`);
    }
    return WORKS.map((work) => rowOf(work, times.get(work.work)!, times.get(NODE.work)!));
  } finally {
    await postgres.stop();
    own.remove();
  }
};

function prepare(folder: string, env: NodeJS.ProcessEnv): void {
  const file = join(folder, "bench.yaml");
  writeFileSync(
    file,
    "name: bench\nmodel: openai/gpt-5.4-mini\nmessages: [{ role: user, content: hello }]\n",
  );
  time([SLUICE, "migrate"], env);
  time([SLUICE, "push", file], env);
  const set = ["--expected-revision", "0", "--reason", "bench", "--force"];
  time([SLUICE, "pointers", "set", "bench@1", ...set], env);
}

/** Milliseconds from start to end. */
function time(args: readonly string[], env: NodeJS.ProcessEnv): number {
  const began = performance.now();
  const { status, stderr } = spawnSync(process.execPath, args, { env, encoding: "utf8" });
  if (status !== 0) throw new Error(`${args.join(" ")} ended with ${status}: ${stderr}`);
  return performance.now() - began;
}

/** The ratio is of times that were taken one after the other, so that a busy machine slows both. */
function rowOf({ work, goal }: Work, times: readonly number[], bare: readonly number[]): Row {
  const ratio = median(times.map((time, round) => time / bare[round]!));
  return {
    work,
    ours: median(times),
    unit: "ms",
    peer: median(bare),
    peerName: "bare node",
    limit: median(bare),
    ratio,
    goal,
    met: goal === null ? null : ratio <= goal,
    runs: times.length,
    note: "goal: times a bare node",
  };
}

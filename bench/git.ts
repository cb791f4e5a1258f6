import { type ChildProcess, execFileSync, spawn, spawnSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { median } from "simple-statistics";
import type { SyncApplied } from "../src/domain/shapes/syncing.ts";
import type { Bench, Row } from "./row.ts";
import { createRunFolder } from "../src/local/stack/run-folder.ts";

const ROOT = new URL("..", import.meta.url).pathname;
const SLUICE = join(ROOT, "bin", "sluice.mjs");
const PROMPTS = 60;
const CHANGED = 3;
const ROUNDS = 5;
/** What a plan may take, in seconds. */
const PLAN_GOAL = 3;

/** What a repository of 60 prompts (or `--count`) costs: the plan, a first apply of all of them, and one of three changes. */
export const run: Bench = async ({ count = PROMPTS, progress }) => {
  const own = await createRunFolder(join(ROOT, ".sluice", "runs"));
  const folder = own.path;
  const parts = spawn(process.execPath, [SLUICE, "dev", "--json"], {
    cwd: folder,
    stdio: ["ignore", "pipe", "pipe"],
  });
  try {
    await said(parts, /"databaseUrl"/);
    progress("the parts are ready");
    const repository = layOut(folder, count);
    const first = timed(repository, ["sync", "apply", "--json"]);
    progress(`applied ${count} prompts`);
    sluice(repository, ["sync", "status", "--watch"]);
    const settled = rounds(repository, ["sync", "plan"]);
    for (let i = 0; i < CHANGED; i++) writePrompt(repository, i, "Second.");
    commit(repository, "three changes");
    const changes = rounds(repository, ["sync", "plan"], 10);
    const list = rounds(repository, ["list"]);
    const second = timed(repository, ["sync", "apply", "--json"]);
    const started = (JSON.parse(second.stdout) as SyncApplied).started.filter((one) => "rolloutId" in one);
    const row = (work: string, seconds: number, more: Partial<Row> = {}): Row => ({
      work,
      ours: seconds,
      unit: "s",
      peer: list,
      peerName: "sluice list",
      limit: null,
      ratio: seconds / list,
      goal: null,
      met: null,
      ...more,
    });
    const within = (seconds: number) => ({ goal: PLAN_GOAL, met: seconds <= PLAN_GOAL, runs: ROUNDS });
    return [
      row(`sync plan, ${count} prompts, all live`, settled, within(settled)),
      row(`sync plan, ${count} prompts, ${CHANGED} changed`, changes, within(changes)),
      row(`sync apply, ${count} new prompts`, first.seconds),
      row(`sync apply, ${CHANGED} changes among ${count}`, second.seconds),
      row(`rollouts that ${CHANGED} changes start`, started.length, {
        unit: "",
        peer: null,
        peerName: null,
        ratio: null,
        goal: CHANGED,
        met: started.length === CHANGED,
      }),
    ];
  } finally {
    await stop(parts);
    own.remove();
  }
};

/** The repository is the folder of the parts, so that its commands find them. */
function layOut(folder: string, count: number): string {
  write(
    folder,
    "sluice.yaml",
    `policy: { gate: { dataset: one.golden.yaml, max_regression: 1 } }
environments:
  staging: { label: staging }
  production: { from: staging, live_for: 1s }
`,
  );
  write(
    folder,
    "one.golden.yaml",
    '- vars: { question: "When can I get a refund?" }\n  assert: [{ type: javascript, value: "output.length > 0" }]\n',
  );
  write(folder, ".gitignore", ".sluice/\nsluice.lock\n");
  for (let i = 0; i < count; i++) writePrompt(folder, i, "First.");
  git(folder, "init", "-q", "-b", "main");
  commit(folder, "prompts");
  return folder;
}

function writePrompt(folder: string, number: number, wording: string): void {
  const name = `team/prompt-${String(number).padStart(3, "0")}`;
  const facts = Array.from({ length: 20 }, (_, i) => `      Fact ${i} of ${name}: refunds take 30 days.`);
  write(
    folder,
    `prompts/${name}.yaml`,
    `name: ${name}
model: openai/gpt-5-mini
variables: { question: { type: string, required: true } }
messages:
  - role: system
    content: |
      You answer questions. ${wording}
${facts.join("\n")}
  - { role: user, content: "{{ question }}" }
`,
  );
}

function write(folder: string, path: string, text: string): void {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), text);
}

function git(folder: string, ...args: string[]): void {
  execFileSync("git", ["-c", "user.name=bench", "-c", "user.email=bench@example.org", ...args], {
    cwd: folder,
  });
}

function commit(folder: string, message: string): void {
  git(folder, "add", ".");
  git(folder, "commit", "-qm", message);
}

/** The median of some runs, in seconds. */
function rounds(folder: string, args: readonly string[], code = 0): number {
  return median(Array.from({ length: ROUNDS }, () => timed(folder, args, code).seconds));
}

function timed(folder: string, args: readonly string[], code = 0): { seconds: number; stdout: string } {
  const began = performance.now();
  const stdout = sluice(folder, args, code);
  return { seconds: (performance.now() - began) / 1_000, stdout };
}

function sluice(folder: string, args: readonly string[], code = 0): string {
  const ran = spawnSync(process.execPath, [SLUICE, ...args], {
    cwd: folder,
    encoding: "utf8",
    maxBuffer: 64 << 20,
  });
  if (ran.status !== code)
    throw new Error(`sluice ${args.join(" ")} ended with ${ran.status}: ${ran.stderr}`);
  return ran.stdout;
}

function said(child: ChildProcess, pattern: RegExp): Promise<void> {
  let text = "";
  return new Promise((resolve, reject) => {
    for (const stream of [child.stdout!, child.stderr!])
      stream.on("data", (part) => {
        text += String(part);
        if (pattern.test(text)) resolve();
      });
    child.once("exit", (code) => reject(new Error(`the parts ended with ${code}: ${text}`)));
  });
}

function stop(child: ChildProcess): Promise<unknown> {
  if (child.exitCode !== null) return Promise.resolve();
  const ended = new Promise((exit) => child.once("exit", exit));
  child.kill("SIGTERM");
  return ended;
}

import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join, resolve } from "node:path";
import type { ScriptedModel } from "./scripted-model.ts";

/** One case as one of the two saw it. */
export interface Outcome {
  readonly prompt: number;
  readonly pass: boolean;
  readonly score: number;
  readonly isError: boolean;
  readonly output: string;
  /** Names of the variables that are set. */
  readonly vars: readonly string[];
  /** Why it is an error. */
  readonly why: string;
  /** Why it did not pass. */
  readonly reason: string;
  /** Of each assertion: what it is, and whether it passed. */
  readonly checks: readonly string[];
}

/** What a run gave: its cases, or why there are none. */
export type Ran = { readonly outcomes: readonly Outcome[] } | { readonly refused: string };

const SLUICE = resolve(import.meta.dirname, "../../../bin/sluice.mjs");
/** Nothing listens there: whatever is not loopback cannot be reached through it. */
const NOWHERE = "http://127.0.0.1:9";
/** Of one run, in milliseconds. */
const MOST_MS = 180_000;

export async function runSluice(file: string, model: ScriptedModel): Promise<Ran> {
  return inScratch(async (scratch) => {
    const out = join(scratch, "out.json");
    const { said, code } = await run([SLUICE, "eval", basename(file), "--output", out], dirname(file), {
      ...keys(model),
      NO_COLOR: "1",
    });
    if (code > 3) return { refused: refusal(said) };
    return read(out) ?? { refused: refusal(said) };
  });
}

export async function runPromptfoo(command: string, file: string, model: ScriptedModel): Promise<Ran> {
  return inScratch(async (scratch) => {
    const out = join(scratch, "out.json");
    const flags = ["--no-cache", "--no-progress-bar", "--no-table", "--no-write", "-j", "1"];
    const { said } = await run([command, "eval", "-c", basename(file), "-o", out, ...flags], dirname(file), {
      ...keys(model),
      PROMPTFOO_CONFIG_DIR: scratch,
      PROMPTFOO_DISABLE_TELEMETRY: "1",
      PROMPTFOO_DISABLE_UPDATE: "1",
      PROMPTFOO_DISABLE_REMOTE_GENERATION: "1",
      PROMPTFOO_DISABLE_SHARING: "1",
      PROMPTFOO_SELF_HOSTED: "1",
      PROMPTFOO_DISABLE_TEMPLATE_ENV_VARS: "false",
      HTTP_PROXY: NOWHERE,
      HTTPS_PROXY: NOWHERE,
      NO_PROXY: "127.0.0.1,localhost",
    });
    return read(out) ?? { refused: said.trim().split("\n").slice(-3).join(" ") };
  });
}

function keys({ url }: ScriptedModel): Record<string, string> {
  return {
    OPENAI_API_KEY: "scripted",
    OPENAI_BASE_URL: `${url}/v1`,
    ANTHROPIC_API_KEY: "scripted",
    ANTHROPIC_BASE_URL: url,
  };
}

async function inScratch<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), "sluice-promptfoo-"));
  try {
    return await work(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function run(words: readonly string[], cwd: string, env: Record<string, string>) {
  const { PATH = "", HOME = "" } = process.env;
  return new Promise<{ said: string; code: number }>((done, fail) => {
    const child = spawn(process.execPath, words, {
      cwd,
      env: { PATH, HOME, ...env },
      stdio: ["ignore", "pipe", "pipe"],
      timeout: MOST_MS,
    });
    let said = "";
    const add = (chunk: Buffer) => (said += chunk.toString("utf8"));
    child.stdout.on("data", add);
    child.stderr.on("data", add);
    child.on("error", fail);
    child.on("close", (code) => done({ said, code: code ?? 99 }));
  });
}

function refusal(said: string): string {
  const lines = said.trim().split("\n");
  return (lines.find((line) => /^(?:sluice|error)\b/i.test(line)) ?? lines.at(-1) ?? "").trim();
}

interface ResultsFile {
  readonly results: {
    readonly results: readonly {
      readonly promptIdx: number;
      readonly testIdx: number;
      readonly success: boolean;
      readonly score: number;
      readonly failureReason?: number;
      readonly vars?: Readonly<Record<string, unknown>>;
      readonly error?: string | null;
      readonly response?: { readonly output?: unknown };
      readonly gradingResult?: {
        readonly reason?: string;
        readonly componentResults?: readonly {
          readonly pass: boolean;
          readonly score: number;
          readonly assertion?: { readonly type?: string } | null;
        }[];
      } | null;
    }[];
  };
}

function read(file: string): Ran | undefined {
  let parsed: ResultsFile;
  try {
    parsed = JSON.parse(readFileSync(file, "utf8")) as ResultsFile;
  } catch {
    return undefined;
  }
  const outcomes = parsed.results.results
    .toSorted((a, b) => a.promptIdx - b.promptIdx || a.testIdx - b.testIdx)
    .map(({ promptIdx, success, score, failureReason, error, response, gradingResult, vars = {} }) => {
      const output = response?.output ?? "";
      return {
        prompt: promptIdx,
        pass: success,
        score,
        isError: failureReason === 2,
        vars: Object.keys(vars),
        output: typeof output === "string" ? output : JSON.stringify(output),
        checks: (gradingResult?.componentResults ?? []).flatMap((one) =>
          one
            ? [`${one.assertion?.type ?? "?"} ${one.pass ? "passes" : "fails"} ${one.score.toFixed(2)}`]
            : [],
        ),
        reason: gradingResult?.reason ?? error ?? "",
        why: (error ?? "").split("\n", 1)[0]!.slice(0, 160),
      };
    });
  return { outcomes };
}

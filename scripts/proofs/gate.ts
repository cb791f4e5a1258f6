import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import type { Artifact } from "../../src/domain/prompt/artifact.ts";
import { evaluate, type EvaluationPolicy } from "../../src/evaluation/evaluate.ts";
import { parseDataset } from "../../src/evaluation/dataset/parse-dataset.ts";
import type { EvaluationReport } from "../../src/evaluation/verdict/report.ts";
import { createProviders, type Providers } from "../../src/providers/create-providers.ts";
import { passRateBounds } from "../../src/statistics/inference/paired.ts";
import { type Finding, found, whole } from "../finding.ts";
import type { ProofOptions } from "../prove.ts";

/** Of each kind, where there is time: fewer prove the same if their bounds are as good. */
const GATES = 1_000;
const CASES = 100;
/**
 * What is promised, and by how much the upper 95 % bound of what was measured may be above it. A kind holds when that
 * bound does, is violated when the lower bound is above the promise, and is open in between: then it takes more gates.
 */
const PROMISED = 0.05;
const SLACK = 0.01;

const GATE: EvaluationPolicy = { repeats: 1, min_pass_rate: 0.85, max_regression: 0.05 };
const BASELINE = 0.92;
/** What is written without a baseline: it passes when one run of the cases reaches it. */
const THRESHOLDS = [0.92, 0.87] as const;

interface Truth {
  readonly name: string;
  /** How often the candidate answers right; the baseline's is BASELINE. */
  readonly right: number;
  /** What must not happen more often than promised. */
  readonly wrong: "fail" | "pass";
}

const WORD = { fail: "fails", pass: "passes" } as const;

const TRUTHS: readonly Truth[] = [
  { name: "no worse than its baseline", right: BASELINE, wrong: "fail" },
  { name: "a point worse than the margin", right: BASELINE - GATE.max_regression - 0.01, wrong: "pass" },
];

/**
 * Up to a thousand gates of each kind through the real evaluation and the vendor's SDK, against a model server whose
 * answers are right with a known probability: a version that is no worse hardly ever fails, one that is worse
 * than the margin hardly ever passes. What a fixed threshold on one run does with the same answers stands beside.
 */
export async function prove({ seed, minutes }: ProofOptions): Promise<Finding> {
  const deadline = Date.now() + minutes * 60_000;
  await using models = await startModels();
  const providers = createProviders({
    openai: { apiKey: "proof", baseURL: `${models.url}/v1` },
    concurrency: 32,
  });
  const findings: Finding[] = [];
  for (const [index, truth] of TRUTHS.entries()) {
    const seen = new Seen();
    const share = deadline - Date.now();
    const until = Date.now() + share / (TRUTHS.length - index);
    for (let gate = 0; gate < GATES && Date.now() < until; gate += 1) {
      seen.add(await oneGate(providers, truth, seed * 1_000_000 + index * GATES + gate));
      if ((gate + 1) % 100 === 0) process.stderr.write(`${truth.name}: ${gate + 1} of ${GATES}\n`);
    }
    findings.push(seen.report(truth));
  }
  return whole(findings);
}

async function oneGate(providers: Providers, { right }: Truth, seed: number): Promise<EvaluationReport> {
  return evaluate({
    candidate: prompt("You are new.", right, seed),
    baseline: prompt("You are old.", BASELINE, seed),
    dataset: DATASET,
    gate: GATE,
    providers,
  });
}

/** What the gates of one kind came to. */
class Seen {
  gates = 0;
  readonly #verdicts = { pass: 0, fail: 0, insufficient: 0 };
  readonly #overThreshold = THRESHOLDS.map(() => 0);

  add({ verdict, passRate, erroredRuns }: EvaluationReport): void {
    if (erroredRuns > 0) throw new Error(`${erroredRuns} calls have failed: the proof says nothing`);
    this.gates += 1;
    this.#verdicts[verdict] += 1;
    THRESHOLDS.forEach((threshold, index) => {
      if (passRate !== null && passRate >= threshold) this.#overThreshold[index]! += 1;
    });
  }

  report({ name, right, wrong }: Truth): Finding {
    const rate = this.#verdicts[wrong] / this.gates;
    const { lower, upper } = passRateBounds(rate, this.gates);
    const finding: Finding = upper <= PROMISED + SLACK ? "holds" : lower > PROMISED ? "VIOLATED" : "OPEN";
    const more = finding === "OPEN" ? `; ${needed(rate)}: give it more --minutes` : "";
    const { pass, fail, insufficient } = this.#verdicts;
    found(
      finding,
      `${name} (right ${percent(right)} against ${percent(BASELINE)}, ${CASES} cases): ${WORD[wrong]} ${percent(rate)} of ${this.gates} gates, at most ${percent(upper)} (95 %); asked for ${percent(PROMISED)}, within a point${more}`,
    );
    say(`          pass ${pass}, fail ${fail}, insufficient ${insufficient}`);
    THRESHOLDS.forEach((threshold, index) => {
      const over = this.#overThreshold[index]! / this.gates;
      const happened = wrong === "pass" ? over : 1 - over;
      say(
        `          a threshold of ${percent(threshold)} on one run ${WORD[wrong]} ${percent(happened)} of the same answers`,
      );
    });
    return finding;
  }
}

/** How many gates would show that a rate like the one seen keeps the promise. */
function needed(rate: number): string {
  for (let gates = 50; gates <= GATES; gates += 50)
    if (passRateBounds(Math.min(rate, PROMISED), gates).upper <= PROMISED + SLACK)
      return `about ${gates} gates at such a rate would tell`;
  return `more than ${GATES} gates at such a rate would tell`;
}

function prompt(system: string, right: number, seed: number): Artifact {
  return {
    syntax: "jinja",
    model: `openai/gpt-5.4-mini+wrong-rate=${(1 - right).toFixed(4)}+seed=${seed >>> 0}`,
    params: {},
    variables: { words: { type: "string", required: true } },
    messages: [
      { role: "system", content: `${system} Say the words that you are told.` },
      { role: "user", content: "{{ words }}" },
    ],
  };
}

const DATASET = parseDataset(
  Array.from(
    { length: CASES },
    (_, i) => `- { vars: { words: "case-${i} of many" }, assert: [{ type: contains, value: "case-${i} " }] }`,
  ).join("\n"),
  "gate.yaml",
);

/** In a process of its own: the proof needs the time of this one. */
async function startModels(): Promise<AsyncDisposable & { readonly url: string }> {
  const cli = new URL("../../src/cli/main.ts", import.meta.url).pathname;
  const child = spawn(process.execPath, [cli, "model-server", "--json"], {
    stdio: ["ignore", "pipe", "ignore"],
  });
  const [line] = (await once(createInterface(child.stdout), "line")) as [string];
  return {
    url: (JSON.parse(line) as { url: string }).url,
    async [Symbol.asyncDispose]() {
      const gone = once(child, "exit");
      child.kill();
      await gone;
    },
  };
}

function percent(share: number): string {
  return `${Number((share * 100).toFixed(1))} %`;
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

/** One evaluation in a process of its own, so that its memory is its own: prints what it took as JSON. */
import { parseArgs } from "node:util";
import type { Artifact } from "../src/domain/prompt/artifact.ts";
import { evaluate } from "../src/evaluation/evaluate.ts";
import { parseDataset } from "../src/evaluation/dataset/parse-dataset.ts";
import { createProviders } from "../src/providers/create-providers.ts";

export interface EvaluationTaken {
  readonly wallMs: number;
  /** The most that the process ever held, in MB. */
  readonly peakMb: number;
  readonly runs: number;
  readonly verdict: string;
}

const { values } = parseArgs({
  options: {
    models: { type: "string", default: "" },
    cases: { type: "string", default: "100" },
    concurrency: { type: "string", default: "8" },
    baseline: { type: "boolean", default: false },
  },
});

function prompt(name: string): Artifact {
  return {
    syntax: "jinja",
    model: "openai/gpt-5.4-mini",
    params: {},
    variables: { words: { type: "string", required: true } },
    messages: [
      { role: "system", content: `${name}. Say the words that you are told.` },
      { role: "user", content: "{{ words }}" },
    ],
  };
}

const words = "that a customer may have written to us on a day when little else went as it should";
const lines = Array.from(
  { length: Number(values.cases) },
  (_, i) =>
    `- { vars: { words: "case-${i} ${words}" }, assert: [{ type: contains, value: "case-${i} " }, { type: not-contains, value: sorry }] }`,
);
const dataset = parseDataset(lines.join("\n"), "bench.yaml");
const providers = createProviders({
  openai: { apiKey: "bench", baseURL: `${values.models}/v1` },
  concurrency: Number(values.concurrency),
});
// Everything is loaded and connected before the clock starts.
await providers.complete({
  target: { provider: "openai", model: "gpt-5.4-mini" },
  request: { messages: [{ role: "user", content: "hello" }] },
});
const began = performance.now();
const report = await evaluate({
  candidate: prompt("You are new"),
  ...(values.baseline && { baseline: prompt("You are old") }),
  dataset,
  gate: { repeats: 1, min_pass_rate: 0.9, max_regression: 0.05 },
  providers,
});
const taken: EvaluationTaken = {
  wallMs: performance.now() - began,
  peakMb: process.resourceUsage().maxRSS / 1024,
  runs: report.results.length,
  verdict: report.verdict,
};
process.stdout.write(`${JSON.stringify(taken)}\n`);

import { describe, expect, it } from "vitest";
import type { Artifact } from "../../src/domain/prompt/artifact.ts";
import { parseDataset } from "../../src/evaluation/dataset/parse-dataset.ts";
import { evaluate } from "../../src/evaluation/evaluate.ts";
import { json, type WireAnswer } from "../providers/wire-server.ts";
import { type ChatRequest, scriptedModel } from "./scripted-model.ts";

const ended = (content: string, finish_reason: string): WireAnswer =>
  json(200, {
    id: "c1",
    object: "chat.completion",
    created: 0,
    model: "m",
    choices: [{ index: 0, finish_reason, message: { role: "assistant", content } }],
    usage: { prompt_tokens: 10, completion_tokens: 5, total_tokens: 15 },
  });

const version = (system: string): Artifact => ({
  syntax: "jinja",
  model: "openai/gpt-4.1-mini",
  params: { max_tokens: 5 },
  variables: { q: { type: "string" } },
  messages: [
    { role: "system", content: system },
    { role: "user", content: "{{ q }}" },
  ],
});

/** Answers with the question; of a question with an exclamation mark the answer is cut off. */
async function gated(
  questions: readonly string[],
  assert: readonly unknown[],
  { strict = false, isCutLive = false } = {},
) {
  await using model = await scriptedModel(({ messages }: ChatRequest) => {
    const [system, question] = messages.map(({ content }) => content);
    const isCut = question!.endsWith("!") && (system === "new" || isCutLive);
    return ended(question!, isCut ? "length" : "stop");
  });
  return await evaluate({
    candidate: version("new"),
    baseline: version("live"),
    dataset: parseDataset(JSON.stringify(questions.map((q) => ({ vars: { q }, assert }))), "golden.json"),
    gate: { repeats: 1, min_pass_rate: 0.5, max_regression: 0.05, strict },
    providers: model.providers,
    concurrency: 1,
  });
}

const says = [{ type: "contains", value: "yes" }];
const cutOffs = ({ findings }: Awaited<ReturnType<typeof gated>>) =>
  findings.filter(({ code }) => code === "cut_off").map(({ severity, message }) => `${severity}: ${message}`);

describe("an answer that the vendor cut off at max_tokens", () => {
  it("is told of as a finding, with the way out, and decides nothing by itself", async () => {
    const report = await gated(["yes", "yes!", "yes to all!", "no!"], says);
    expect(cutOffs(report)).toEqual([
      "warning: 3 of 4 answers were cut off at max_tokens; 2 of them passed as far as they go: set or raise max_tokens in params, or ask for shorter answers",
    ]);
    expect(report).toMatchObject({ passed: 3, failed: 1, verdict: "insufficient", looks: "fine" });
    const cut = report.results.filter(({ cutOff }) => cutOff);
    expect(cut.map(({ arm, caseIndex }) => `${arm} ${caseIndex}`)).toEqual([
      "candidate 1",
      "candidate 2",
      "candidate 3",
    ]);
  });

  it("is told of with those of the baseline, and with strict too", async () => {
    const report = await gated(["yes!", "yes"], says, { strict: true, isCutLive: true });
    expect(cutOffs(report)).toEqual([
      "warning: 1 of 2 answers was cut off at max_tokens, and 1 of the baseline's; 1 of them passed as far as they go: set or raise max_tokens in params, or ask for shorter answers",
    ]);
    expect(report.results.every(({ pass }) => pass)).toBe(true);
  });

  it("is not told of where every answer is whole, or only the baseline's is not", async () => {
    expect(cutOffs(await gated(["yes", "no"], says))).toEqual([]);
  });

  it("is named by each check that fails on it, once, and by none of the call", async () => {
    const report = await gated(
      ["no!", "no"],
      [
        ...says,
        { type: "contains", value: "no" },
        { type: "assert-set", assert: says },
        { type: "finish-reason", value: "stop" },
      ],
    );
    const reasons = report.results
      .filter(({ arm }) => arm === "candidate")
      .map(({ assertions }) => assertions.map(({ reason }) => reason));
    const missing = 'does not contain "yes"';
    const cut = " (the answer was cut off at max_tokens)";
    expect(reasons).toEqual([
      [
        `the answer ${missing}${cut}`,
        'the answer contains "no"',
        `contains: the answer ${missing}${cut}`,
        "the answer ended with length, not stop",
      ],
      [
        `the answer ${missing}`,
        'the answer contains "no"',
        `contains: the answer ${missing}`,
        "the answer ended with stop",
      ],
    ]);
  });
});

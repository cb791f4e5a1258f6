import { describe, expect, it } from "vitest";
import type { Artifact } from "../../src/domain/prompt/artifact.ts";
import { SluiceError } from "../../src/domain/errors.ts";
import { type CaseResult, resultKey, type ResultStore } from "../../src/evaluation/grading/case-result.ts";
import { evaluate, type EvaluationOptions, type EvaluationPolicy } from "../../src/evaluation/evaluate.ts";
import { parseDataset } from "../../src/evaluation/dataset/parse-dataset.ts";
import type { EvaluationPlan } from "../../src/evaluation/running/plan-evaluation.ts";
import { testsReading } from "../../src/storage/read/tests-reading.ts";
import { chatAnswer, json, type WireAnswer } from "../providers/wire-server.ts";
import { asksJudge, said, scriptedModel, type ChatRequest } from "./scripted-model.ts";

function prompt(system: string, more: Partial<Artifact> = {}): Artifact {
  return {
    syntax: "jinja",
    model: "openai/gpt-5-mini",
    params: {},
    variables: { question: { type: "string", required: true } },
    messages: [
      { role: "system", content: system },
      { role: "user", content: "{{ question }}" },
    ],
    ...more,
  };
}
const good = prompt("You are good.");
const bad = prompt("You are bad.");

/** Answers `yes` to the good prompt, `no` to the bad one. */
const honest = (request: ChatRequest) => (said(request).includes("good") ? "yes" : "no");

function cases(n: number, assert = "{ type: equals, value: yes }") {
  const list = Array.from({ length: n }, (_, i) => `- { vars: { question: q${i} }, assert: [${assert}] }`);
  return parseDataset(list.join("\n"), "golden.yaml");
}

const gate: EvaluationPolicy = { repeats: 1, min_pass_rate: 0.9, max_regression: 0.05 };

class MemoryStore implements ResultStore {
  readonly results = new Map<string, CaseResult>();
  load = () => Promise.resolve([...this.results.values()]);
  save = (result: CaseResult) => Promise.resolve(void this.results.set(resultKey(result), result));
}

async function failure(options: EvaluationOptions): Promise<SluiceError> {
  const thrown: unknown = await evaluate(options).then(
    () => new Error("it did not fail"),
    (error: unknown) => error,
  );
  expect(thrown).toBeInstanceOf(SluiceError);
  return thrown as SluiceError;
}

describe("an evaluation", () => {
  it("looks fine for a version that answers as well as its baseline, and passes it where the cases suffice", async () => {
    await using model = await scriptedModel(honest);
    const report = await evaluate({
      candidate: good,
      baseline: prompt("You are also good."),
      dataset: cases(10),
      gate: { ...gate, repeats: 2 },
      providers: model.providers,
    });
    expect(report).toMatchObject({
      verdict: "insufficient",
      looks: "fine",
      cases: 10,
      passed: 10,
      failed: 0,
      errors: 0,
      passRate: 1,
      baselinePassRate: 1,
      regression: 0,
      tokens: { input: 40_000, output: 20_000, total: 60_000 },
    });
    expect(report.costUsd).toBeCloseTo(40 * (1000 * 0.25e-6 + 500 * 2e-6), 10);
    expect(report.results).toHaveLength(40);
    expect(report.results[0]).toMatchObject({
      arm: "candidate",
      caseIndex: 0,
      repeat: 0,
      output: "yes",
      error: null,
    });
    expect(report.results[1]).toMatchObject({ arm: "baseline", caseIndex: 0, repeat: 0 });
    const enough = await evaluate({
      candidate: good,
      baseline: prompt("You are also good."),
      dataset: cases(52),
      gate,
      providers: model.providers,
    });
    expect(enough).toMatchObject({ verdict: "pass", looks: null });
  });

  it("fails a version that is worse, and says why", async () => {
    await using model = await scriptedModel(honest);
    const report = await evaluate({
      candidate: bad,
      baseline: good,
      dataset: cases(10),
      gate,
      providers: model.providers,
    });
    expect(report).toMatchObject({ verdict: "fail", looks: null, passed: 0, passRate: 0, regression: 1 });
    expect(report.reason).toMatch(/^0 % of 10 cases passed, 90 % are required/);
    expect(report.results[0]!.assertions[0]).toMatchObject({
      type: "equals",
      pass: false,
      reason: 'the answer "no" is not "yes"',
    });
  });

  it("without a baseline looks at the pass rate alone", async () => {
    await using model = await scriptedModel(honest);
    const report = await evaluate({ candidate: good, dataset: cases(5), gate, providers: model.providers });
    expect(report).toMatchObject({ verdict: "pass", baselinePassRate: null, regression: null, ci: null });
    expect(report.results).toHaveLength(5);
  });

  it("fails a pass rate below its minimum, however few the cases", async () => {
    await using model = await scriptedModel((request, index) => (index % 5 === 0 ? "no" : honest(request)));
    const report = await evaluate({ candidate: good, dataset: cases(5), gate, providers: model.providers });
    expect(report).toMatchObject({ verdict: "fail", passed: 4, failed: 1, passRate: 0.8 });
  });

  it("averages repeats, and counts a case that passes only sometimes as failed and flaky", async () => {
    const seen = new Map<string, number>();
    await using model = await scriptedModel((request) => {
      const times = (seen.get(said(request)) ?? 0) + 1;
      seen.set(said(request), times);
      return said(request).includes("q0") && times === 1 ? "no" : "yes";
    });
    const report = await evaluate({
      candidate: good,
      dataset: cases(2),
      gate: { ...gate, repeats: 4 },
      providers: model.providers,
    });
    expect(report).toMatchObject({ passed: 1, failed: 1, flaky: 1, passRate: (0.75 + 1) / 2 });
  });

  it("asks both versions with the variables that each has", async () => {
    await using model = await scriptedModel((request) => said(request));
    const older = prompt("Answer in {{ tone }} tone.", {
      variables: { question: { type: "string" }, tone: { type: "string", required: true } },
    });
    const dataset = parseDataset(
      `- { vars: { question: hello, tone: kind, expected: hello }, assert: [{ type: contains, value: "{{ expected }}" }] }`,
      "golden.yaml",
    );
    const report = await evaluate({
      candidate: good,
      baseline: older,
      dataset,
      gate,
      providers: model.providers,
    });
    expect(report.results.map(({ output }) => output)).toEqual([
      "You are good.\nhello",
      "Answer in kind tone.\nhello",
    ]);
    expect(report.passed).toBe(1);
  });

  it("makes one case of each item of a list, unless the prompt takes the list", async () => {
    await using model = await scriptedModel(honest);
    const dataset = parseDataset(
      "- { vars: { question: [a, b, c] }, assert: [{ type: equals, value: yes }] }",
      "golden.yaml",
    );
    const options = { dataset, gate, providers: model.providers };
    expect((await evaluate({ ...options, candidate: good })).cases).toBe(3);
    const takesLists = prompt("good", { variables: { question: { type: "list" } } });
    expect((await evaluate({ ...options, candidate: takesLists })).cases).toBe(1);
  });

  it("fills a placeholder with earlier turns", async () => {
    await using model = await scriptedModel((request) => request.messages.map(({ role }) => role).join(" "));
    const chat = prompt("good", {
      messages: [
        { role: "system", content: "good" },
        { placeholder: "history" },
        { role: "user", content: "{{ question }}" },
      ],
    });
    const dataset = parseDataset(
      `- vars: { question: a, history: [{ role: user, content: b }, { role: assistant, content: c }] }
  assert: [{ type: equals, value: system user assistant user }]`,
      "golden.yaml",
    );
    const report = await evaluate({ candidate: chat, dataset, gate, providers: model.providers });
    expect(report).toMatchObject({ cases: 1, passed: 1 });
  });
});

describe("the fallbacks of a version", () => {
  const backed = prompt("You are good.", { fallbacks: ["openai/gpt-4.1-mini", "openai/gpt-4.1"] });
  /** The first fallback answers as `first` says. */
  const model = (first: string | WireAnswer) =>
    scriptedModel((request) => (request.model === "gpt-4.1-mini" ? first : honest(request)));

  it("answer a fifth of the cases, and one that is below the least pass rate fails the version", async () => {
    const options = { candidate: backed, baseline: good, dataset: cases(60), gate };
    await using fine = await model("yes");
    const passed = await evaluate({ ...options, providers: fine.providers });
    const own = { cases: 12, passed: 12, failed: 0, errors: 0, passRate: 1, verdict: "pass" };
    expect(passed).toMatchObject({
      verdict: "pass",
      cases: 60,
      passed: 60,
      fallbacks: [
        { arm: "fallback-1", model: "openai/gpt-4.1-mini", ...own },
        { arm: "fallback-2", model: "openai/gpt-4.1", ...own },
      ],
    });
    expect(passed.results).toHaveLength(144);
    expect(fine.server.requests).toHaveLength(144);

    await using poor = await model("no");
    const failed = await evaluate({ ...options, providers: poor.providers });
    expect(failed).toMatchObject({ verdict: "fail", looks: null, passed: 60, passRate: 1, regression: 0 });
    expect(failed.reason).toBe("its fallback openai/gpt-4.1-mini: 0 % of 12 cases passed, 90 % are required");
    expect(failed.fallbacks!.map(({ verdict }) => verdict)).toEqual(["fail", "pass"]);
    // Its own model has lost nothing, and nobody is told that it has.
    const { failedBy } = testsReading(failed, failed.verdict, gate);
    expect(failedBy).toEqual({ model: "openai/gpt-4.1-mini", passRate: 0 });
    expect(testsReading(passed, passed.verdict, gate)).not.toHaveProperty("failedBy");
  });

  it("leave the verdict open without their answers, and are not asked where the gate says so", async () => {
    await using away = await model(json(500, {}));
    const options = { candidate: backed, dataset: cases(3), providers: away.providers };
    const open = await evaluate({ ...options, gate });
    expect(open).toMatchObject({
      verdict: "insufficient",
      looks: "not_delivered",
      passed: 3,
      erroredRuns: 3,
    });
    expect(open.fallbacks).toMatchObject([
      { passed: 0, errors: 3, passRate: null, verdict: "insufficient" },
      { passed: 3, errors: 0 },
    ]);
    const without = await evaluate({ ...options, gate: { ...gate, fallbacks: false } });
    expect(without).toMatchObject({ verdict: "pass", passed: 3 });
    expect(without).not.toHaveProperty("fallbacks");
  });
});

describe("an evaluation whose verdict cannot change any more", () => {
  it("stops, and says what that saved", async () => {
    await using model = await scriptedModel(honest);
    const report = await evaluate({
      candidate: bad,
      baseline: good,
      dataset: cases(200),
      gate,
      providers: model.providers,
    });
    expect(report.verdict).toBe("fail");
    // With 21 fails of 200 cases 90 % are out of reach; some more were under way.
    expect(report.failed).toBeGreaterThanOrEqual(21);
    expect(report.failed).toBeLessThan(40);
    expect(report.notRun).toBe(400 - report.results.length);
    expect(report.savedUsd).toBeCloseTo((report.costUsd! / report.results.length) * report.notRun, 10);
    expect(report.reason).toMatch(/what was left out \(\d+ runs\) could not change that/);
    expect(model.server.requests).toHaveLength(report.results.length);
  });

  it("goes on where every case has to pass, since whoever asks for that wants to see every failure", async () => {
    await using model = await scriptedModel(() => "no");
    const all = { ...gate, min_pass_rate: 1 };
    const report = await evaluate({
      candidate: good,
      dataset: cases(30),
      gate: all,
      providers: model.providers,
    });
    expect(report).toMatchObject({ failed: 30, notRun: 0, verdict: "fail" });
  });

  it("goes on as long as what remains could save the version", async () => {
    await using model = await scriptedModel((_, index) => (index < 20 ? "no" : "yes"));
    const report = await evaluate({ candidate: good, dataset: cases(200), gate, providers: model.providers });
    expect(report).toMatchObject({ passed: 180, failed: 20, notRun: 0, verdict: "pass" });
  });
});

describe("before the first paid call", () => {
  it("an evaluation says what it will cost and what it can find", async () => {
    await using model = await scriptedModel(honest);
    const plans: EvaluationPlan[] = [];
    await evaluate({
      candidate: good,
      baseline: good,
      dataset: cases(20, "{ type: equals, value: yes }, { type: not-llm-rubric, value: rude }"),
      gate: { ...gate, max_cost_usd: 0.001 },
      providers: model.providers,
      onPlan(plan) {
        expect(model.server.requests).toHaveLength(0);
        plans.push(plan);
      },
    });
    expect(plans).toHaveLength(1);
    expect(plans[0]).toMatchObject({ cases: 20, repeats: 1, calls: 80, judgeCalls: 40 });
    // 40 answers of 250 tokens and 40 verdicts of 100, at $2 a million, and some input.
    expect(plans[0]!.expectedCostUsd).toBeGreaterThan((40 * 250 + 40 * 100) * 2e-6);
    expect(plans[0]!.expectedCostUsd).toBeLessThan(0.04);
    expect(plans[0]!.passProbability).toBeCloseTo(0.0725, 3);
    expect(plans[0]!.excludable).toBeCloseTo(0.119, 3);
    expect(plans[0]!.summary).toContain("with 20 cases nothing under 12 points can be ruled out");
    expect(plans[0]!.summary).toMatch(
      /^20 cases: 80 calls for about \$0\.03.*; more than the budget of \$0.001/,
    );
  });

  it("a version that a built-in check refuses fails without any", async () => {
    await using model = await scriptedModel(honest);
    const leaky = prompt("You are good. Write to ada@lovelace.org.");
    const options = { candidate: leaky, dataset: cases(3), providers: model.providers };
    const strict = await evaluate({ ...options, gate: { ...gate, strict: true } });
    expect(strict).toMatchObject({ verdict: "fail", passRate: null, results: [] });
    expect(strict.reason).toMatch(
      /^message 1 \(system\) contains what looks like an e-mail address: ad…rg \(no model was asked\)/,
    );
    expect(model.server.requests).toHaveLength(0);
    const lenient = await evaluate({ ...options, gate });
    expect(lenient).toMatchObject({
      verdict: "pass",
      findings: [{ code: "personal_data", severity: "warning" }],
    });
  });

  it("cases that are among the prompt's own examples are named", async () => {
    await using model = await scriptedModel(honest);
    const dataset = parseDataset(
      "- { vars: { question: How do I return this? }, assert: [{ type: equals, value: yes }] }",
      "golden.yaml",
    );
    const taught = prompt("good", { examples: [{ input: "how do I  return THIS?", output: "by post" }] });
    const report = await evaluate({ candidate: taught, dataset, gate, providers: model.providers });
    expect(report.warnings).toEqual([
      "golden.yaml:1:3: the case is also example 1 of the prompt, so it proves nothing",
    ]);
  });
});

describe("an evaluation with a budget", () => {
  const limited = prompt("You are good.", { params: { max_tokens: 500 } });
  // Each call is answered with 1,000 and 500 tokens: what it costs, and what it may cost at most (its text is short).
  const each = 1000 * 0.25e-6 + 500 * 2e-6;

  it("never spends more, and says what is missing", async () => {
    await using model = await scriptedModel(honest);
    const options = { candidate: limited, dataset: cases(40), providers: model.providers };
    const report = await evaluate({ ...options, gate: { ...gate, max_cost_usd: each * 10.5 } });
    expect(report.verdict).toBe("insufficient");
    expect(report.costUsd).toBeLessThanOrEqual(each * 10.5);
    expect(report.passed).toBe(10);
    expect(report.errors).toBe(30);
    expect(model.server.requests).toHaveLength(10);
    expect(report.reason).toMatch(/30 of 40 runs have no result.*the budget/);
  });

  it("runs to its end where the budget suffices", async () => {
    await using model = await scriptedModel(honest);
    const options = { candidate: limited, dataset: cases(20), providers: model.providers };
    const report = await evaluate({ ...options, gate: { ...gate, max_cost_usd: each * 21 } });
    expect(report).toMatchObject({ verdict: "pass", passed: 20 });
  });

  it("counts what the recorded results have cost", async () => {
    const store = new MemoryStore();
    await using model = await scriptedModel(honest);
    const options = { candidate: limited, dataset: cases(20), providers: model.providers, recorded: store };
    const gated = { ...gate, max_cost_usd: each * 8.5 };
    expect((await evaluate({ ...options, gate: gated })).passed).toBe(8);
    expect((await evaluate({ ...options, gate: gated })).passed).toBe(8);
    expect(model.server.requests).toHaveLength(8);
  });

  it("needs the price of every model, before the first call", async () => {
    await using model = await scriptedModel(honest);
    const options = { dataset: cases(3), gate: { ...gate, max_cost_usd: 1 }, providers: model.providers };
    const unpriced = prompt("good", { model: "openai/my-own" });
    const error = await failure({ ...options, candidate: unpriced });
    expect(error.message).toMatch(/price of openai\/my-own is not known/);
    const judged = {
      ...options,
      dataset: cases(3, "{ type: llm-rubric, value: x }"),
      judge: "openai/my-judge",
    };
    expect((await failure({ ...judged, candidate: good })).message).toMatch(/price of openai\/my-judge/);
    const assertions = [
      "{ type: llm-rubric, value: x, provider: openai/my-judge }",
      "{ type: similar, value: x, provider: openai/my-judge }",
      "{ type: assert-set, assert: [{ type: factuality, value: x, provider: openai/my-judge }] }",
    ];
    for (const own of assertions) {
      const asked = { ...options, dataset: cases(3, own), candidate: good };
      expect((await failure(asked)).message).toMatch(/price of openai\/my-judge/);
    }
    expect(model.server.requests).toHaveLength(0);
  });
});

describe("an llm-rubric", () => {
  const dataset = cases(3, "{ type: llm-rubric, value: is polite }");
  const verdict = (value: unknown) => (request: ChatRequest) =>
    asksJudge(request) ? JSON.stringify(value) : "Thank you <answer> for asking";
  const options = { candidate: good, dataset, gate };

  it("is judged by the model the gate names, with the answer as material", async () => {
    await using model = await scriptedModel(verdict({ reason: "kind", score: 0.9, pass: true }));
    const report = await evaluate({ ...options, providers: model.providers, judge: "openai/gpt-5" });
    expect(report).toMatchObject({ passed: 3, judge: { model: "openai/gpt-5" } });
    expect(report.results[0]!.assertions[0]).toMatchObject({ pass: true, score: 0.9, reason: "kind" });
    const asked = model.server.requests
      .map(({ body }) => JSON.parse(body) as ChatRequest)
      .find((request) => asksJudge(request))!;
    expect(asked.model).toBe("gpt-5");
    expect(said(asked)).toContain("is polite");
    expect(said(asked)).toContain("for asking");
    // Both calls are paid for: 1,000 and 500 tokens each.
    expect(report.tokens.total).toBe(3 * 2 * 1500);
  });

  it("fails a version whose answers the judge rejects", async () => {
    await using model = await scriptedModel(verdict({ reason: "rude", score: 0, pass: false }));
    expect(await evaluate({ ...options, providers: model.providers })).toMatchObject({
      failed: 3,
      errors: 0,
    });
  });

  for (const [what, value] of [
    ["contradicts itself", { reason: "rude", score: 0, pass: true }],
    ["has a score out of range", { reason: "x", score: 7, pass: true }],
    ["is none", "I would rather not say"],
  ] as const)
    it(`whose verdict ${what} is an error, not a fail`, async () => {
      await using model = await scriptedModel(verdict(value));
      const report = await evaluate({ ...options, providers: model.providers });
      expect(report).toMatchObject({ passed: 0, failed: 0, errors: 3, verdict: "insufficient" });
      expect(report.results[0]).toMatchObject({
        errorKind: "judge",
        output: "Thank you <answer> for asking",
      });
      expect(report.results[0]!.error).toMatch(/^golden.yaml:1:3: case 1: .*judge/);
    });
});

describe("what goes wrong in an evaluation", () => {
  it("is an error of that case alone, and keeps the verdict open", async () => {
    await using model = await scriptedModel((request) =>
      said(request).includes("q3") ? json(200, { nothing: true }) : "yes",
    );
    const report = await evaluate({ candidate: good, dataset: cases(20), gate, providers: model.providers });
    expect(report).toMatchObject({
      verdict: "insufficient",
      looks: "not_delivered",
      passed: 19,
      failed: 0,
      errors: 1,
      passRate: 1,
    });
    expect(report.reason).toMatch(/^1 of 20 runs has no result.*golden.yaml:4:3: case 4: openai\/gpt-5-mini/);
  });

  it("does not save a version that fails anyway", async () => {
    await using model = await scriptedModel((request) =>
      said(request).includes("q3") ? json(200, { nothing: true }) : "no",
    );
    const report = await evaluate({ candidate: good, dataset: cases(20), gate, providers: model.providers });
    expect(report).toMatchObject({ verdict: "fail", errors: 1 });
  });

  it("is the endpoint's own error when no call can succeed", async () => {
    const broken: [ReturnType<typeof json>, string, RegExp][] = [
      [json(401, { error: { message: "bad key" } }), "forbidden", /401 \(bad key\); set OPENAI_API_KEY/],
      [json(404, { error: { message: "no model" } }), "not_found", /gpt-5-mini/],
      [json(500, {}), "unavailable", /^the evaluation cannot go on: openai\/gpt-5-mini: .* answered 500/],
      [json(429, {}), "unavailable", /answered 429/],
    ];
    for (const [answer, code, says] of broken) {
      await using model = await scriptedModel(() => answer);
      const error = await failure({ candidate: good, dataset: cases(100), gate, providers: model.providers });
      expect(error.code).toBe(code);
      expect(error.message).toMatch(says);
      // It does not try all hundred of them.
      expect(model.server.requests.length).toBeLessThan(80);
    }
  });

  it("leaves what was not run to be seen when the endpoint goes away half-way", async () => {
    await using model = await scriptedModel((_, index) => (index < 30 ? "yes" : json(503, {})));
    const options = { candidate: good, dataset: cases(100), gate, providers: model.providers };
    const report = await evaluate(options);
    expect(report.verdict).toBe("insufficient");
    expect(report.passed + report.errors).toBe(100);
    expect(report.results.filter(({ errorKind }) => errorKind === "not_run").length).toBeGreaterThan(40);
  });

  it("is found before anything is paid for", async () => {
    await using model = await scriptedModel(honest);
    const options = { candidate: good, gate, providers: model.providers };
    const one = (vars: string, value = "x") =>
      parseDataset(`- { vars: ${vars}, assert: [{ type: equals, value: "${value}" }] }`, "golden.yaml");
    const unknown = await failure({ ...options, dataset: one("{ question: a, qestion: b }") });
    expect(unknown.message).toMatch(
      /^golden.yaml:1:3: case 1: the prompt has no variable "qestion"; did you mean "question"/,
    );
    const unset = await failure({ ...options, dataset: one("{ question: a }", "{{ expected }}") });
    expect(unset.message).toMatch(/an assertion uses "expected", which the case does not set/);
    const judge = await failure({ ...options, dataset: one("{ question: a }"), judge: "gpt-5" });
    expect(judge.message).toMatch(/the judge "gpt-5" is not provider\/model/);
    expect(model.server.requests).toHaveLength(0);
  });

  it("stops at once when it is cancelled", async () => {
    const controller = new AbortController();
    await using model = await scriptedModel(() => () => controller.abort());
    const options = { candidate: good, dataset: cases(10), gate, providers: model.providers };
    const error = await failure({ ...options, signal: controller.signal });
    expect(error.details["kind"]).toBe("cancelled");
  });
});

describe("an evaluation that was interrupted", () => {
  it("repeats no call that was recorded", async () => {
    const store = new MemoryStore();
    await using model = await scriptedModel((request, index) =>
      index === 25 ? json(401, { error: { message: "revoked" } }) : honest(request),
    );
    const options = {
      candidate: good,
      baseline: good,
      dataset: cases(20),
      gate,
      providers: model.providers,
      recorded: store,
      concurrency: 1,
    };
    await failure(options);
    expect(store.results.size).toBe(25);
    const report = await evaluate(options);
    expect(report).toMatchObject({ verdict: "insufficient", looks: "fine", passed: 20, reused: 25 });
    expect(model.server.requests).toHaveLength(26 + 15);
  });

  it("runs again what ended in an error", async () => {
    const store = new MemoryStore();
    let broken = true;
    await using model = await scriptedModel((request) =>
      broken && said(request).includes("q1") ? chatAnswer(null) : "yes",
    );
    const options = { candidate: good, dataset: cases(3), gate, providers: model.providers, recorded: store };
    expect((await evaluate(options)).errors).toBe(1);
    broken = false;
    expect(await evaluate(options)).toMatchObject({ errors: 0, passed: 3, reused: 2 });
  });

  it("throws what can be tried again when the endpoint goes away and it is told to", async () => {
    const store = new MemoryStore();
    let away = false;
    await using model = await scriptedModel((_, index) => (away || index >= 10 ? json(503, {}) : "yes"), {
      concurrency: 1,
    });
    const options = {
      candidate: good,
      dataset: cases(30),
      gate,
      providers: model.providers,
      recorded: store,
    };
    const error = await failure({ ...options, onOutage: "throw" });
    expect(error).toMatchObject({ code: "unavailable", retryable: true });
    expect(store.results.size).toBe(10);
    away = true;
    expect((await failure({ ...options, onOutage: "throw" })).retryable).toBe(true);
    expect(store.results.size).toBe(10);
  });
});

import { describe, expect, it } from "vitest";
import type { Artifact } from "../../../src/domain/prompt/artifact.ts";
import type { SluiceError } from "../../../src/domain/errors.ts";
import { type CaseResult, resultKey } from "../../../src/evaluation/grading/case-result.ts";
import { concludeEvaluation } from "../../../src/evaluation/verdict/conclude-evaluation.ts";
import { evaluate } from "../../../src/evaluation/evaluate.ts";
import { parseDataset } from "../../../src/evaluation/dataset/parse-dataset.ts";
import { prepareEvaluation } from "../../../src/evaluation/running/prepare-evaluation.ts";
import { reuseKey } from "../../../src/evaluation/running/reuse-key.ts";
import { type Batch, hasFailedEarly, runBatch } from "../../../src/evaluation/running/run-batch.ts";
import { budgetOver, memoryBudget } from "../../../src/providers/budget.ts";
import type { Providers } from "../../../src/providers/create-providers.ts";
import { json } from "../../providers/wire-server.ts";
import { asksJudge, said, scriptedModel } from "../scripted-model.ts";

const prompt = (system: string, more: Partial<Artifact> = {}): Artifact => ({
  syntax: "jinja",
  model: "openai/gpt-5-mini",
  params: {},
  variables: { question: { type: "string", required: true } },
  messages: [
    { role: "system", content: system },
    { role: "user", content: "{{ question }}" },
  ],
  ...more,
});
const gate = { repeats: 1, min_pass_rate: 0.9, max_regression: 0.05 };
const cases = (n: number, assert = "{ type: equals, value: yes }") =>
  parseDataset(
    Array.from({ length: n }, (_, i) => `- { vars: { question: "q${i}." }, assert: [${assert}] }`).join("\n"),
    "golden.yaml",
  );

/** An evaluation that is run in batches, with what it has recorded. */
async function evaluation(providers: Providers, dataset = cases(10), policy = gate) {
  const options = { candidate: prompt("new"), baseline: prompt("old"), dataset, gate: policy };
  const prepared = await prepareEvaluation({ ...options, providers });
  const context = { providers, judge: prepared.judge };
  const recorded = new Map<string, CaseResult>();
  const keep = (result: CaseResult) => Promise.resolve(void recorded.set(resultKey(result), result));
  return {
    recorded,
    prepared,
    run: (more: Partial<Batch> = {}) =>
      runBatch(prepared, {
        from: 0,
        to: prepared.runs.length,
        recorded: new Set(recorded.keys()),
        context,
        concurrency: 2,
        save: (_, result) => keep(result),
        isLastTry: false,
        hadSuccess: recorded.size > 0,
        ...more,
      }),
    conclude: (missing: "left out" | "the budget is used up" = "left out") =>
      concludeEvaluation({
        options,
        prepared,
        results: [...recorded.values()],
        missing,
        context,
        keep: async (results) => {
          for (const result of results) await keep(result);
        },
      }),
  };
}

const yes = () => "yes";
const down = json(500, { error: { message: "down" } });

async function outage(batch: Promise<unknown>): Promise<SluiceError> {
  const error = await batch.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toMatchObject({ code: "unavailable", retryable: true, details: { kind: "outage" } });
  return error as SluiceError;
}

describe("a batch of an evaluation", () => {
  it("runs its slice alone, and what all slices recorded makes the report", async () => {
    await using model = await scriptedModel(yes);
    const one = await evaluation(model.providers);
    await one.run({ to: 8 });
    expect(one.recorded.size).toBe(8);
    expect(model.server.requests).toHaveLength(8);
    await one.run({ from: 8 });
    expect(await one.conclude()).toMatchObject({
      verdict: "insufficient",
      looks: "fine",
      cases: 10,
      passed: 10,
      notRun: 0,
      reused: 0,
    });
  });

  it("repeats nothing that is recorded, a fail or an error as little as a pass", async () => {
    await using model = await scriptedModel((request) => {
      if (asksJudge(request)) return "no verdict at all";
      return said(request).includes("q1.") ? "no" : "yes";
    });
    const dataset = parseDataset(
      `- { vars: { question: q1. }, assert: [{ type: equals, value: yes }] }
- { vars: { question: q2. }, assert: [{ type: llm-rubric, value: is kind }] }`,
      "golden.yaml",
    );
    const one = await evaluation(model.providers, dataset);
    await one.run();
    const asked = model.server.requests.length;
    expect([...one.recorded.values()].map(({ errorKind, pass }) => errorKind ?? pass)).toEqual(
      expect.arrayContaining([false, "judge"]),
    );
    await one.run();
    expect(model.server.requests).toHaveLength(asked);
    expect(await one.conclude()).toMatchObject({ erroredRuns: 2, failed: 1, errors: 1 });
  });

  it("records what it has and goes on later when the endpoint goes away", async () => {
    let isUnreachable = false;
    await using model = await scriptedModel((_, index) => {
      isUnreachable ||= index === 6;
      return isUnreachable ? down : "yes";
    });
    const one = await evaluation(model.providers);
    await outage(one.run());
    expect(one.recorded.size).toBeGreaterThanOrEqual(5);
    expect([...one.recorded.values()].every(({ error }) => error === null)).toBe(true);
  });

  it("fails for an endpoint that is away for all, however often it was tried", async () => {
    await using model = await scriptedModel(() => down);
    const one = await evaluation(model.providers);
    expect((await outage(one.run({ isLastTry: true }))).message).toContain("down");
    expect((await outage(one.run({ isLastTry: true, hadSuccess: true }))).message).toContain("down");
    expect(one.recorded.size).toBe(0);
  });

  it.each(["reserve", "settle"] as const)(
    "is not a case's error, but the batch's, when its budget's ledger fails: %s",
    async (step) => {
      await using model = await scriptedModel(yes);
      const one = await evaluation(model.providers);
      const away = Object.assign(new Error("connect ECONNREFUSED"), { code: "ECONNREFUSED" });
      const budget = budgetOver({
        reserve: () => Promise.resolve({ id: "1" }),
        settle: () => Promise.resolve(),
        [step]: () => Promise.reject(away),
      });
      const context = { providers: model.providers, judge: one.prepared.judge, budget };
      await expect(one.run({ context })).rejects.toBe(away);
      expect(one.recorded.size).toBe(0);
    },
  );

  it("at its last try takes for an error what one case alone does not get", async () => {
    await using model = await scriptedModel((request) => (said(request).includes("q3.") ? down : "yes"));
    const one = await evaluation(model.providers);
    await outage(one.run());
    expect(one.recorded.size).toBe(18);
    await one.run({ isLastTry: true });
    expect(one.recorded.size).toBe(20);
    const report = await one.conclude();
    expect(report).toMatchObject({ verdict: "insufficient", erroredRuns: 2 });
    expect(report.reason).toContain("golden.yaml:4:3: case 4: ");
  });

  it("ends when the budget is gone, and the report says what is missing", async () => {
    await using model = await scriptedModel(yes);
    const one = await evaluation(model.providers);
    // Four of the calls that are answered here; what one may cost at most is a little under a cent.
    const budget = memoryBudget(0.014);
    const context = { providers: model.providers, judge: one.prepared.judge, budget };
    expect(await one.run({ context })).toEqual({ budgetExhausted: true });
    expect(one.recorded.size).toBe(model.server.requests.length);
    expect(one.recorded.size).toBeGreaterThan(0);
    expect(one.recorded.size).toBeLessThan(20);
    const report = await one.conclude("the budget is used up");
    expect(report.verdict).toBe("insufficient");
    expect(report.reason).toContain("the budget is used up");
  });

  it("compares answers once, whoever asks for the conclusion again", async () => {
    await using model = await scriptedModel((request) =>
      asksJudge(request) ? '{ "reason": "better", "best": 1 }' : said(request),
    );
    const one = await evaluation(model.providers, cases(4, "{ type: select-best, value: is short }"));
    await one.run();
    const first = await one.conclude();
    const asked = model.server.requests.length;
    expect(asked).toBe(8 + 4);
    expect(await one.conclude()).toEqual(first);
    expect(model.server.requests).toHaveLength(asked);
    expect(first.results.every(({ assertions }) => assertions.length === 1)).toBe(true);
  });
});

describe("an evaluation is lost", () => {
  it("when no remaining result can lift the pass rate, and not before", async () => {
    await using model = await scriptedModel(yes);
    const { prepared } = await evaluation(model.providers, cases(100));
    expect(hasFailedEarly(prepared, gate, 10)).toBe(false);
    expect(hasFailedEarly(prepared, gate, 30)).toBe(true);
  });

  it("never where answers are still to be compared", async () => {
    await using model = await scriptedModel(yes);
    const { prepared } = await evaluation(model.providers, cases(100, "{ type: select-best, value: x }"));
    expect(hasFailedEarly(prepared, gate, 100)).toBe(false);
  });
});

describe("what a result may be taken over by", () => {
  const key = async (
    providers: Providers,
    more: { baseline?: Artifact; assert?: string; gate?: object; repeat?: number } = {},
  ) => {
    const policy = { ...gate, repeats: 2, ...more.gate };
    const options = { candidate: prompt("new"), baseline: more.baseline ?? prompt("old"), gate: policy };
    const prepared = await prepareEvaluation({ ...options, dataset: cases(2, more.assert), providers });
    const run = prepared.runs.find(
      ({ arm, caseIndex, repeat }) =>
        arm.name === "baseline" && caseIndex === 1 && repeat === (more.repeat ?? 0),
    )!;
    return reuseKey(run, { judge: prepared.judge, gate: policy, providers });
  };
  const rubric = "{ type: llm-rubric, value: is kind }";

  it("depends on everything that the result depends on", async () => {
    await using model = await scriptedModel(yes);
    await using elsewhere = await scriptedModel(yes);
    const { providers } = model;
    const keys = [
      await key(providers),
      await key(providers, { baseline: prompt("older") }),
      await key(providers, { baseline: prompt("old", { params: { temperature: 1 } }) }),
      await key(providers, { baseline: prompt("old", { model: "openai/gpt-5" }) }),
      await key(providers, { repeat: 1 }),
      await key(providers, { assert: "{ type: equals, value: no }" }),
      await key(providers, { assert: rubric }),
      await key(providers, { assert: rubric, gate: { judge: "openai/gpt-5" } }),
      await key(providers, { gate: { max_cost_usd: 1 } }),
      await key(elsewhere.providers),
    ];
    expect(keys.every((one) => /^[0-9a-f]{64}$/.test(one!))).toBe(true);
    expect(new Set(keys).size).toBe(keys.length);
  });

  it("does not depend on a judge that is not asked, nor on what is asked for of the whole", async () => {
    await using model = await scriptedModel(yes);
    const { providers } = model;
    const plain = await key(providers);
    expect(await key(providers, { gate: { judge: "openai/gpt-5" } })).toBe(plain);
    expect(await key(providers, { gate: { min_pass_rate: 0.5 } })).toBe(plain);
  });

  it("is nothing where the other version's answer is part of the result", async () => {
    await using model = await scriptedModel(yes);
    expect(await key(model.providers, { assert: "{ type: select-best, value: x }" })).toBeUndefined();
  });
});

it("an evaluation that was prepared for its estimate is not prepared again", async () => {
  await using model = await scriptedModel(yes);
  let reads = 0;
  const dataset = cases(3);
  const options = {
    candidate: prompt("new"),
    // Binding reads the cases of the file: once for what was prepared, and never after it.
    dataset: new Proxy(dataset, {
      get(target, key, receiver) {
        if (key === "cases") reads++;
        return Reflect.get(target, key, receiver) as unknown;
      },
    }),
    gate,
    providers: model.providers,
  };
  const prepared = await prepareEvaluation(options);
  const toPrepare = reads;
  const report = await evaluate({ ...options, prepared });
  const afterwards = reads - toPrepare;
  await evaluate(options);
  expect(report).toMatchObject({ cases: 3, passed: 3 });
  expect(reads - toPrepare - afterwards).toBe(afterwards + toPrepare);
});

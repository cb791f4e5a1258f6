import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { SpentBudget } from "../../src/domain/monitors/spent-budget.ts";
import { SpentBudgets } from "../../src/invoke/spent-budgets.ts";
import { startModelServer, type ModelServer } from "../../src/local/model-server/server.ts";
import { calling, supportPrompt } from "./support/calling.ts";

const SPENT: SpentBudget = {
  prompt: "support",
  label: "production",
  model: "",
  tenant: "acme",
  spentUsd: 57.3,
  budgetUsd: 50,
  leftMs: 3_600_000,
};
const REQUEST = { prompt: "support", tenant: "acme", variables: { question: "And now?" } };
const OWN = "openai/gpt-5.4-mini";

let model: ModelServer;
beforeAll(async () => {
  model = await startModelServer();
});
afterAll(() => model.stop());

/** An invoker that has heard that these are spent, as it does with its first call. */
async function heard(spent: readonly SpentBudget[], options: Parameters<typeof calling>[1] = {}) {
  const world = await calling(model.url, options);
  Object.assign(world.source, { readSpentBudgets: () => Promise.resolve(spent) });
  world.serve(supportPrompt({ fallbacks: ["openai/gpt-5.4", "local/m", "openai/gpt-5.4-nano"] }));
  await world.invoker.invoke({ ...REQUEST, tenant: "other" });
  return world;
}

describe("a call whose budget of the day is spent", () => {
  it("is refused before anything is sent where no fallback costs less, and is no error of the version", async () => {
    await using world = await heard([SPENT]);
    const before = model.requests().length;
    const refused = world.invoker.invoke({ ...REQUEST, fallbacks: ["openai/gpt-5.4", "local/m"] });
    await expect(refused).rejects.toMatchObject({
      name: "InvokeError",
      kind: "budget",
      attempts: [],
      details: { kind: "budget", tenant: "acme", spentUsd: 57.3, budgetUsd: 50 },
    });
    await expect(refused).rejects.toThrow(
      /^support in production, acme has cost \$57\.30 today, of the \$50 that a day may cost.* until 00:00 UTC/,
    );
    expect(model.requests()).toHaveLength(before);
    expect((await world.outcomes()).slice(1)).toMatchObject([{ tenant: "acme", metrics: { stopped: 1 } }]);
    expect(Object.keys(world.source.outcomes[1]!.metrics)).toEqual(["stopped"]);
    const { text } = await world.invoker.invoke({ ...REQUEST, fallbacks: false, otherwise: "Later." });
    expect(text).toBe("Later.");
  });

  it("goes to the first fallback that is known to cost less, as to any fallback", async () => {
    await using world = await heard([SPENT]);
    const answer = await world.invoker.invoke(REQUEST);
    expect(answer).toMatchObject({ fallback: true, target: "openai/gpt-5.4-nano" });
    expect(answer.attempts).toHaveLength(1);
    const [, outcome] = await world.outcomes();
    expect(outcome).toMatchObject({
      metrics: { fallback: 1, stopped: 1, error: 0, cost_usd: answer.costUsd },
    });
    const stream = world.invoker.stream(REQUEST);
    expect(await stream.result).toMatchObject({ fallback: true, target: "openai/gpt-5.4-nano" });
  });

  it("is made where the budget is another scope's, or answered with what was said before", async () => {
    const cache = { prompts: { support: { ttlMs: 60_000 } } };
    const others = [
      { ...SPENT, label: "staging" },
      { ...SPENT, prompt: "else" },
      { ...SPENT, tenant: "third" },
      { ...SPENT, model: "gpt-4.1" },
    ];
    await using world = await heard(others, { cache });
    expect(await world.invoker.invoke(REQUEST)).toMatchObject({ target: OWN, cached: "no" });
    Object.assign(world.source, { readSpentBudgets: () => Promise.resolve([{ ...SPENT, tenant: "" }]) });
    await using other = await calling(model.url, { resolver: world.resolver, cache });
    await other.invoker.invoke(REQUEST);
    expect(await other.invoker.invoke(REQUEST)).toMatchObject({
      target: OWN,
      cached: "exact",
      fallback: false,
    });
  });
});

describe("what a process knows of spent budgets", () => {
  const CALL = { prompt: "support", label: "production", model: "gpt-5", tenant: "acme" };

  it("holds while the store is away, until the day is over, the budget raised, or the store one that has none", async () => {
    let now = 0;
    let answer: readonly SpentBudget[] | undefined | Error = [SPENT];
    const budgets = new SpentBudgets(
      () => (answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer)),
      () => now,
    );
    try {
      // A call waits for nobody.
      expect(budgets.stopOf(CALL)).toBeUndefined();
      await budgets.heard();
      expect(budgets.stopOf(CALL)).toEqual(SPENT);
      answer = new Error("away");
      now = 3_599_000;
      await budgets.heard();
      expect(budgets.stopOf(CALL)).toMatchObject({ leftMs: 1_000 });
      now = 3_600_000;
      expect(budgets.stopOf(CALL)).toBeUndefined();
      for (const ends of [[], undefined]) {
        answer = [SPENT];
        await budgets.heard();
        expect(budgets.stopOf(CALL)).toBeDefined();
        answer = ends;
        await budgets.heard();
        expect(budgets.stopOf(CALL)).toBeUndefined();
      }
    } finally {
      budgets.close();
    }
  });
});

import { expect, it } from "vitest";
import type { HeldBack } from "../../../src/domain/models/circuits.ts";
import { sayObstacles } from "../../../src/domain/plain/say-obstacles.ts";

const AT = "https://api.example/v1";
const TARGETS = [
  { target: "openai/big", endpoint: AT },
  { target: "openai/small", endpoint: AT },
  { target: "else/big", endpoint: null },
];
const held = (more: Partial<HeldBack>): HeldBack => ({
  provider: "openai",
  endpoint: AT,
  model: "big",
  state: "open",
  retryAfterMs: 9_000,
  reason: "server",
  isTried: false,
  ...more,
});
const from = (target: string) => `calls are held back from ${target} for now: sluice breakers list`;

it.each([
  ["one model", [held({})], [from("openai/big")]],
  ["all of an endpoint", [held({ model: null })], [from("openai/big"), from("openai/small")]],
  ["nothing: the next call tries", [held({ state: "half_open" })], []],
  ["what is not asked", [held({ endpoint: "https://other.example/v1" }), held({ model: "huge" })], []],
])("what calls are held back from is said: %s", (_, held, said) => {
  expect(sayObstacles(TARGETS, { held })).toEqual(said);
});

it("a budget that is spent comes first", () => {
  const stop = { prompt: "p", label: "l", model: "", tenant: "", spentUsd: 51, budgetUsd: 50, leftMs: 1 };
  expect(sayObstacles(TARGETS, { held: [held({})], stop })).toEqual([
    "$51 of the $50 that a day may cost are spent: until 00:00 UTC openai/big is not asked, and a fallback only where it costs less",
    from("openai/big"),
  ]);
});

import { expect, it } from "vitest";
import { readMonitors } from "../../../src/domain/monitors/monitors-file.ts";
import { alphaOf } from "../../../src/domain/monitors/regate.ts";

const read = (regate: unknown) => readMonitors({ regate })["regate"];

it("reads how often, when, by how much and for how much", () => {
  expect(read({ every: "7d", at: "23:05", margin: "5pp", max_cost_usd: 2 })).toEqual({
    kind: "regate",
    every_ms: 7 * 86_400_000,
    at_minutes: 23 * 60 + 5,
    margin: 0.05,
    max_cost_usd: 2,
  });
  expect(read({ max_cost_usd: 2 })).toMatchObject({ every_ms: 86_400_000, at_minutes: 180, margin: 0.03 });
});

it.each([
  [{}, /^monitors\.regate: "max_cost_usd" is missing$/],
  [{ max_cost_usd: 0 }, /max_cost_usd: must be above 0$/],
  [{ max_cost_usd: 1, every: "30m" }, /every: write a time from 1h to 31d/],
  [{ max_cost_usd: 1, every: "32d" }, /every: write a time from 1h to 31d/],
  [{ max_cost_usd: 1, at: "24:00" }, /at: write a time of day in UTC/],
  [{ max_cost_usd: 1, margin: "3%" }, /margin: write points/],
  [{ max_cost_usd: 1, evry: "1d" }, /^monitors\.regate: unknown key "evry"; did you mean "every"\?$/],
  [{ metric: "error" }, /regate/],
])("says what is wrong with %j", (written, message) => {
  expect(() => read(written)).toThrow(message);
});

it("asks at once when an alert opens, unless that is switched off", () => {
  expect(read({ max_cost_usd: 2, triage: true })).not.toHaveProperty("triage");
  expect(read({ max_cost_usd: 2, triage: false })).toMatchObject({ triage: false });
  expect(() => read({ max_cost_usd: 2, triage: "no" })).toThrow(/triage: must be true or false/);
});

it("goes back by itself only where that is set, beside a regate that decides it", () => {
  const regate = { max_cost_usd: 2 };
  expect(readMonitors({ regate, action: "rollback" })).toEqual({
    regate: expect.objectContaining({ kind: "regate", action: "rollback" }) as unknown,
  });
  for (const without of [{ regate }, { regate, action: "off" }, { regate, action: false }])
    expect(readMonitors(without)["regate"]).not.toHaveProperty("action");
  for (const undecided of [{}, { regate: "off" }, { regate: { ...regate, triage: false } }])
    expect(() => readMonitors({ ...undecided, action: "rollback" })).toThrow(
      /^monitors\.action: .*set regate beside it/,
    );
  expect(() => readMonitors({ regate, action: "pause" })).toThrow(
    /^monitors\.action: must be rollback, or off$/,
  );
});

it("divides a month's chance of a false alarm among the month's runs", () => {
  expect(alphaOf({ every_ms: 86_400_000 })).toBeCloseTo(0.05 / 30, 10);
  expect(alphaOf({ every_ms: 31 * 86_400_000 })).toBe(0.05);
});

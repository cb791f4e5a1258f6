import { expect, it } from "vitest";
import { MEASURED } from "../../scripts/sizing/measured.ts";
import { type Installation, sizesOf, tableOf } from "../../scripts/sizing/model.ts";
import { readPage } from "./markdown.ts";

const LARGE: Installation = {
  services: 10_000,
  outcomesPerSecond: 50_000,
  canaries: 100,
  intervalSeconds: 30,
  keptDays: 2,
};
const SMALL: Installation = {
  services: 100,
  outcomesPerSecond: 100,
  canaries: 5,
  intervalSeconds: 30,
  keptDays: 90,
};

it("what the page on sizing says that installations take is what the model computes", () => {
  const page = readPage("docs/reference/sizing.md");
  for (const installation of [SMALL, LARGE])
    for (const row of tableOf(installation, MEASURED)) expect(page.replaceAll(/ +\|/g, " |")).toContain(row);
});

it("grows with what it says, and never below two of a part", () => {
  const of = (more: Partial<Installation>) => sizesOf({ ...SMALL, ...more }, MEASURED);
  expect(of({})).toMatchObject({ servers: 2, workers: 2, connections: 100 });
  expect(of({ outcomesPerSecond: 200 }).storedGb).toBeCloseTo(
    2 * of({}).storedGb - of({ outcomesPerSecond: 1e-9 }).storedGb,
  );
  expect(of({ canaries: 1_000 }).workers).toBe(6);
  expect(of({ services: 200 }).streamGb).toBe(2 * of({}).streamGb);
});

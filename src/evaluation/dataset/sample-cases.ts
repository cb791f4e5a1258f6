import { counted } from "../../domain/text/counted.ts";
import { digestJson } from "../../digest.ts";
import { caseContent, type Dataset, type TestCase } from "./dataset.ts";

/**
 * A part of a dataset that stands for all of it: each kind of case (by what it asserts) in proportion, at
 * least one of each while there is room. The same dataset gives the same sample. It is a dataset of its own,
 * with a hash of its own, and says what it is.
 */
export function sampleCases(dataset: Dataset, size: number): Dataset {
  // Later cases of a sequence mean nothing without the earlier ones.
  if (dataset.cases.length <= size || dataset.isSequence) return dataset;
  const strata = new Map<string, TestCase[]>();
  for (const one of dataset.cases) {
    const kind = [...new Set(one.assert.map(({ type, negated }) => `${negated ? "not-" : ""}${type}`))]
      .toSorted()
      .join(" ");
    strata.set(kind, [...(strata.get(kind) ?? []), one]);
  }
  const chosen = new Set<TestCase>();
  // Largest remainders; the order within a stratum is that of the cases' hashes, which nobody chose.
  const shares = [...strata.values()].map((cases) => {
    const exact = (cases.length / dataset.cases.length) * size;
    return { cases: byHash(cases), take: Math.max(1, Math.floor(exact)), rest: exact - Math.floor(exact) };
  });
  for (const { cases, take } of shares.toSorted((a, b) => b.cases.length - a.cases.length))
    for (const one of cases.slice(0, take)) if (chosen.size < size) chosen.add(one);
  for (const { cases, take } of shares.toSorted((a, b) => b.rest - a.rest))
    if (chosen.size < size && cases[take]) chosen.add(cases[take]);
  return {
    ...dataset,
    cases: dataset.cases.filter((one) => chosen.has(one)),
    warnings: [
      ...dataset.warnings,
      `a sample of ${chosen.size} of the ${counted(dataset.cases.length, "case")}`,
    ],
  };
}

function byHash(cases: readonly TestCase[]): TestCase[] {
  return cases
    .map((one) => ({ one, hash: digestJson(caseContent(one)) }))
    .toSorted((a, b) => (a.hash < b.hash ? -1 : 1))
    .map(({ one }) => one);
}

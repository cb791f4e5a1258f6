import { describe, expect, it } from "vitest";
import { datasetSha256 } from "../../../src/evaluation/dataset/dataset.ts";
import { parseDataset } from "../../../src/evaluation/dataset/parse-dataset.ts";
import { sampleCases } from "../../../src/evaluation/dataset/sample-cases.ts";

const kinds = (n: number, type: string) =>
  Array.from({ length: n }, (_, i) => ({ vars: { q: `${type} ${i}` }, assert: [{ type, value: "x" }] }));
const dataset = parseDataset(
  JSON.stringify([...kinds(60, "contains"), ...kinds(36, "equals"), ...kinds(4, "regex")]),
  "golden.json",
);

describe("a sample of a dataset", () => {
  it("has each kind of case in proportion", () => {
    const { cases } = sampleCases(dataset, 25);
    const count = (type: string) => cases.filter(({ assert }) => assert[0]!.type === type).length;
    expect([count("contains"), count("equals"), count("regex")]).toEqual([15, 9, 1]);
    expect(new Set(sampleCases(dataset, 3).cases.map(({ assert }) => assert[0]!.type)).size).toBe(3);
  });

  it("is the same each time, keeps the order, and says what it is", () => {
    const [one, other] = [sampleCases(dataset, 10), sampleCases(dataset, 10)];
    expect(one.cases).toHaveLength(10);
    expect(datasetSha256(one)).toBe(datasetSha256(other));
    expect(datasetSha256(one)).not.toBe(datasetSha256(dataset));
    expect(one.cases).toEqual(dataset.cases.filter((testCase) => one.cases.includes(testCase)));
    expect(one.warnings).toContain("a sample of 10 of the 100 cases");
  });

  it("is all of a dataset that is small enough", () => {
    expect(sampleCases(dataset, 100)).toBe(dataset);
  });
});

import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { confinedFiles } from "../../../src/evaluation/dataset/confined-files.ts";
import { parseDataset } from "../../../src/evaluation/dataset/parse-dataset.ts";

let base: string;
let folder: string;

beforeAll(() => {
  base = mkdtempSync(join(tmpdir(), "sluice-files-"));
  folder = join(base, "golden");
  mkdirSync(join(folder, "cases"), { recursive: true });
  writeFileSync(join(base, "secret.txt"), "secret");
  writeFileSync(join(base, "golden-secret.txt"), "secret");
  writeFileSync(join(folder, "text.txt"), "hello");
  writeFileSync(join(folder, "vars.yaml"), "tone: kind\nn: 2\n");
  writeFileSync(join(folder, "schema.json"), '{"type":"object"}');
  writeFileSync(join(folder, "grade.js"), "module.exports = (output) => output.length > 1;");
  writeFileSync(join(folder, "cases", "a.yaml"), "- { vars: { q: a }, assert: [{ type: is-json }] }\n");
  writeFileSync(join(folder, "cases", "b.yaml"), "- { vars: { q: b }, assert: [{ type: is-jsno }] }\n");
  symlinkSync(join(base, "secret.txt"), join(folder, "link.txt"));
  symlinkSync(base, join(folder, "up"));
});
afterAll(() => rmSync(base, { recursive: true, force: true }));

const parse = (dataset: unknown) =>
  parseDataset(JSON.stringify(dataset), "golden.json", confinedFiles(folder));
const one = (value: string, type = "equals") => [{ vars: { q: "x" }, assert: [{ type, value }] }];

describe("the files of a dataset", () => {
  it("hold variables, values, schemas and scripts", () => {
    const { cases } = parse([
      { vars: "file://vars.yaml", assert: [{ type: "equals", value: "file://text.txt" }] },
      { vars: { q: "file://text.txt" }, assert: [{ type: "is-json", value: "file://schema.json" }] },
      { assert: [{ type: "javascript", value: "file://grade.js" }] },
      { assert: [{ type: "equals", value: "x", transform: "file://grade.js:other" }] },
    ]);
    expect(cases[0]).toMatchObject({ vars: { tone: "kind", n: 2 } });
    expect(cases[0]!.assert[0]!.value).toBe("hello");
    expect(cases[1]).toMatchObject({ vars: { q: "hello" } });
    expect(cases[1]!.assert[0]!.value).toEqual({ type: "object" });
    expect(cases[2]!.assert[0]!.value).toEqual({ code: "module.exports = (output) => output.length > 1;" });
    expect(cases[3]!.assert[0]!.transform).toMatchObject({ exportName: "other" });
  });

  it("hold test cases, whose mistakes are found at their own line", () => {
    expect(parse({ tests: "file://cases/a.yaml" }).cases[0]).toMatchObject({
      vars: { q: "a" },
      where: "cases/a.yaml:1:3",
    });
    expect(() => parse({ tests: "file://cases/*.yaml" })).toThrow(
      /^cases\/b.yaml:1:\d+: assertion type "is-jsno"/,
    );
  });

  it("lie under the folder of the dataset, symbolic links included", () => {
    for (const path of [
      "../secret.txt",
      "../golden-secret.txt",
      "/etc/passwd",
      "cases/../../secret.txt",
      "link.txt",
      "up/secret.txt",
      "../nothing-here.txt",
    ])
      expect(() => parse(one(`file://${path}`))).toThrow(/lies outside the folder of the file/);
    expect(() => parse({ tests: "file://../*.yaml" })).toThrow(/lies outside/);
    expect(() => parse({ tests: "file://up/*.txt" })).toThrow(/lies outside/);
  });

  it("must be there, and be what they are used for", () => {
    expect(() => parse(one("file://nothing.txt"))).toThrow(/golden.json:1:\d+: there is no file nothing.txt/);
    expect(() => parse(one("file://cases"))).toThrow(/cases is a folder/);
    expect(() => parse({ tests: "file://none/*.yaml" })).toThrow(/no file matches/);
    expect(() => parse(one("file://text.txt", "javascript"))).toThrow(/only JavaScript/);
    expect(() => parse([{ vars: "file://text.txt", assert: [{ type: "is-json" }] }])).toThrow(
      /must hold variables/,
    );
  });
});

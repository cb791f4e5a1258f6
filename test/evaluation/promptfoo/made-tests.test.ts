import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readSource } from "../../../src/domain/prompt/source-document.ts";
import { confinedFiles } from "../../../src/evaluation/dataset/confined-files.ts";
import { withMadeTests } from "../../../src/evaluation/promptfoo/made-tests.ts";
import { parsePromptfooConfig } from "../../../src/evaluation/promptfoo/parse-config.ts";

const FILES: Readonly<Record<string, string>> = {
  "list.ts": "export default [{ vars: { q: 'a' } }, { vars: { q: 'b' } }];\n",
  "make.ts": `interface Asked { readonly most?: number }
export async function some(config?: Asked) {
  return ["c", "d", "e"].slice(0, config?.most ?? 3).map((q: string) => ({ vars: { q } }));
}
`,
  "old.js": "module.exports = () => [{ vars: { q: 'f' }, assert: [{ type: 'nope' }] }];\n",
  "net.js": "module.exports = async () => (await fetch('https://example.com')).json();\n",
  "fs.mjs": "import fs from 'fs';\nexport default () => fs.readdirSync('/');\n",
  "none.js": "module.exports = () => 'tests';\n",
  "rows.json": '[{ "q": "g", "__expected": "contains: g" }, { "q": 7 }]',
};

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "sluice-made-"));
  for (const [name, content] of Object.entries(FILES)) writeFileSync(join(folder, name), content);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function read(tests: unknown, more: Record<string, unknown> = {}) {
  const text = JSON.stringify({ prompts: ["{{ q }}"], providers: ["openai:gpt-4.1-mini"], tests, ...more });
  const files = confinedFiles(folder);
  const document = await withMadeTests(readSource(text, "c.yaml"), files, []);
  return parsePromptfooConfig(text, "c.yaml", { files, document }).dataset.cases;
}

const asked = async (tests: unknown) => (await read(tests)).map(({ vars }) => vars["q"]);

describe("tests that a script makes", () => {
  it("stand where the script is named, among those that are written", async () => {
    expect(
      await asked([
        { vars: { q: "first" } },
        "file://list.ts",
        { path: "file://make.ts:some", config: { most: 2 } },
        { vars: { q: "last" } },
      ]),
    ).toEqual(["first", "a", "b", "c", "d", "last"]);
    expect(await asked("file://make.ts:some")).toEqual(["c", "d", "e"]);
  });

  it.each([
    ["net.js", /made no tests: the script failed: .*fetch/],
    ["fs.mjs", /made no tests: .*cannot be imported/],
    ["none.js", /must return a list of tests/],
    ["missing.js", /there is no file missing\.js/],
  ])("are none where %s wants more than a script may, or returns something else", async (file, why) => {
    await expect(read([`file://${file}`])).rejects.toThrow(why);
    await expect(read([`file://${file}`])).rejects.toThrow(/^c\.yaml:1:\d+: /);
  });

  it("are checked like any other, and named by where their script is", async () => {
    await expect(read([{ vars: { q: "x" } }, "file://old.js"])).rejects.toThrow(
      /^c\.yaml:1:\d+: assertion type "nope" is not one that Sluice runs/,
    );
  });

  it("are not made where something else cannot be run anyway", async () => {
    await expect(read(["file://net.js"], { providers: ["cohere:x"] })).rejects.toThrow(/cohere:x/);
    await expect(read(["file://list.ts", "file://x.py"])).rejects.toThrow(
      /x\.py": tests made by code are not run/,
    );
  });
});

describe("rows of a table that are written as objects", () => {
  it("are variables and expectations, as in CSV", async () => {
    const cases = await read("file://rows.json");
    expect(cases.map(({ vars }) => vars)).toEqual([{ q: "g" }, { q: "7" }]);
    expect(cases[0]!.assert).toMatchObject([{ type: "contains", value: "g" }]);
  });

  it("are no tests whose keys are mistyped", async () => {
    writeFileSync(join(folder, "typo.json"), '[{ "var": { "q": "x" } }]');
    await expect(read("file://typo.json")).rejects.toThrow(/unknown key "0\.var".*vars/);
  });
});

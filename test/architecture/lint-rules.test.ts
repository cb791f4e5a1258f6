import { execFile } from "node:child_process";
import { copyFile, mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const ROOT = path.resolve(import.meta.dirname, "../..");
const ENVIRONMENT = "export const url = process.env.DATABASE_URL;\n";

/** Code that the linter must catch: the rule, the file, what it says. */
const SEEDED: readonly [rule: string, file: string, code: string][] = [
  [
    "no-floating-promises",
    "src/cli/float.ts",
    "const run = async () => {};\nexport const go = () => {\n  run();\n};\n",
  ],
  [
    "no-misused-promises",
    "src/cli/misuse.ts",
    "const ask = async () => true;\nexport const go = () => (ask() ? 1 : 2);\n",
  ],
  [
    "switch-exhaustiveness-check",
    "src/domain/open.ts",
    'export function code(x: "a" | "b"): number {\n  switch (x) {\n    case "a":\n      return 1;\n  }\n  return 2;\n}\n',
  ],
  ["no-restricted-properties", "src/cli/member.ts", ENVIRONMENT],
  ["no-restricted-properties", "src/resolver/destructured.ts", "export const { env } = process;\n"],
  ["no-restricted-properties", "workers/bracket.ts", 'export const env = process["env"];\n'],
  ["no-restricted-properties", "activities/indirect.ts", "export const env = globalThis.process.env;\n"],
  ["no-restricted-imports", "workflows/imported.ts", 'export { env } from "node:process";\n'],
  ["no-restricted-globals", "src/statistics/clock.ts", "export const now = () => Date.now();\n"],
  ["no-restricted-globals", "src/domain/reach.ts", 'export const get = () => fetch("http://localhost");\n'],
  ["no-restricted-properties", "src/templates/chance.ts", "export const roll = () => Math.random();\n"],
  ["no-console", "src/cli/chatter.ts", 'export const say = () => console.log("hello");\n'],
  ["no-default-export", "src/domain/nameless.ts", "export default 1;\n"],
  [
    "no-danger",
    "src/web/html.tsx",
    "export const Page = () => <div dangerouslySetInnerHTML={{ __html: '<b>' }} />;\n",
  ],
  ["alt-text", "src/web/picture.tsx", 'export const Picture = () => <img src="/assets/x.svg" />;\n'],
  [
    "label-has-associated-control",
    "src/web/label.tsx",
    "export const Field = () => (\n  <div>\n    <label>Your key</label>\n    <input />\n  </div>\n);\n",
  ],
  ["filename-case", "src/domain/camelCase.ts", "export const one = 1;\n"],
];

const ALLOWED: readonly [file: string, code: string][] = [
  ["src/config.ts", ENVIRONMENT],
  ["test/environment.ts", ENVIRONMENT],
  ["src/cli/clock.ts", "export const now = () => Date.now();\n"],
];

let house: string;
let caught: readonly { readonly file: string; readonly rule: string }[];

beforeAll(async () => {
  house = await mkdtemp(path.join(tmpdir(), "sluice-lint-"));
  await copyFile(path.join(ROOT, ".oxlintrc.json"), path.join(house, ".oxlintrc.json"));
  await copyFile(path.join(ROOT, "tsconfig.json"), path.join(house, "tsconfig.json"));
  await mkdir(path.join(house, "src/web"), { recursive: true });
  await copyFile(path.join(ROOT, "src/web/tsconfig.json"), path.join(house, "src/web/tsconfig.json"));
  await symlink(path.join(ROOT, "node_modules"), path.join(house, "node_modules"), "junction");
  for (const [file, code] of [...ALLOWED, ...SEEDED.map(([, file, code]) => [file, code] as const)]) {
    await mkdir(path.dirname(path.join(house, file)), { recursive: true });
    await writeFile(path.join(house, file), code);
  }
  caught = await lint();
});

afterAll(() => rm(house, { recursive: true, force: true }));

describe("the lint rules", () => {
  it.each(SEEDED)("catch, as %s, %s", (rule, file) => {
    expect(rulesBrokenBy(file)).toEqual([rule]);
  });

  it.each(ALLOWED)("let %s through", (file) => {
    expect(rulesBrokenBy(file)).toEqual([]);
  });
});

function rulesBrokenBy(file: string): string[] {
  return [...new Set(caught.filter((one) => one.file === file).map((one) => one.rule))];
}

function lint(): Promise<{ file: string; rule: string }[]> {
  const script = path.join(ROOT, "node_modules/oxlint/bin/oxlint");
  return new Promise((resolve, reject) => {
    execFile(
      process.execPath,
      [script, "-f", "json", "workflows", "activities", "workers", "src", "test"],
      { cwd: house },
      (_error, stdout, stderr) => {
        if (!stdout.startsWith("{")) {
          reject(new Error(`oxlint gave no report: ${stdout}${stderr}`));
          return;
        }
        const { diagnostics } = JSON.parse(stdout) as { diagnostics: { code: string; filename: string }[] };
        // A code reads `plugin(rule)`.
        resolve(
          diagnostics.map(({ code, filename }) => ({ file: filename, rule: code.replace(/^.*\(|\)$/g, "") })),
        );
      },
    );
  });
}

import { globSync, readFileSync } from "node:fs";
import { Ajv } from "ajv";
import addFormats from "ajv-formats";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { makeSchemas } from "../../scripts/schemas.ts";
import { starterFiles } from "../../src/cli/commands/starting/starter-files.ts";
import { readPolicyFile } from "../../src/domain/policy/policy-file.ts";
import { readRepositoryFile } from "../../src/domain/sync/repository-file.ts";
import { parseDataset } from "../../src/evaluation/dataset/parse-dataset.ts";
import { loadPromptsOfFile } from "../../src/templates/load-prompt-file.ts";
import { codeBlocks, PAGES } from "../documentation/markdown.ts";

const ROOT = new URL("../../", import.meta.url);
const schemas = makeSchemas();
type Name = "sluice" | "prompt" | "policy" | "dataset";

const READERS: Readonly<Record<Name, (text: string) => unknown>> = {
  sluice: (text) => readRepositoryFile(text, "sluice.yaml"),
  prompt: (text) => loadPromptsOfFile(text, "prompt.yaml"),
  policy: (text) => readPolicyFile(text, "policy.yaml"),
  dataset: (text) => parseDataset(text, "dataset.yaml"),
};

const ajv = new Ajv({ strict: true, strictTypes: false, strictRequired: false, allErrors: false });
addFormats.default(ajv);
const validators = Object.fromEntries(
  Object.entries(schemas).map(([name, schema]) => [name, ajv.compile(schema)]),
);

/** Every file of the examples, the starter and the pages, by what it is. */
const FILES = [
  ...globSync("examples/**/*.yaml", { cwd: ROOT }).map(
    (path) => [path, readFileSync(new URL(path, ROOT), "utf8")] as const,
  ),
  ...Object.entries(starterFiles()).filter(([path]) => path.endsWith(".yaml")),
  ...PAGES.flatMap((page) =>
    codeBlocks(page)
      .filter(({ language, text }) => language === "yaml" && /^(?:# file: \S+\n|prompts: )/.test(text))
      .map(({ text }) => [`${page}: ${/^# file: (\S+)/.exec(text)?.[1] ?? "sluice.yaml"}`, text] as const),
  ),
].flatMap(([path, text]) => {
  const kind = kindOf(path);
  return kind === undefined ? [] : [{ kind, path, text }];
});

function kindOf(path: string): Name | undefined {
  if (path.endsWith("sluice.yaml")) return "sluice";
  if (path.endsWith(".rollout.yaml")) return "policy";
  if (/golden/.test(path)) return "dataset";
  return /\.ya?ml$/.test(path) ? "prompt" : undefined;
}

const takes = (kind: Name, text: string): boolean => {
  try {
    READERS[kind](text);
    return true;
  } catch {
    return false;
  }
};
const fits = (kind: Name, value: unknown) => validators[kind]!(value);

/** Within a JSON Schema of the user's own, which is checked as one. */
const OWN_SCHEMA = /\.(?:value|output_schema|parameters)\./;

/** Each mapping and each value of a document, with a copy of the whole in which that place is another. */
function* changed(
  value: unknown,
  change: (at: unknown) => unknown,
  whole: unknown = value,
  path: readonly (string | number)[] = [],
): Generator<{ readonly where: string; readonly document: unknown }> {
  const other = change(value);
  if (other !== undefined)
    yield { where: path.join(".") || "the whole", document: replaced(whole, path, other) };
  if (typeof value !== "object" || value === null) return;
  for (const [key, one] of Object.entries(value))
    yield* changed(one, change, whole, [...path, Array.isArray(value) ? Number(key) : key]);
}

function replaced(whole: unknown, [key, ...rest]: readonly (string | number)[], other: unknown): unknown {
  if (key === undefined) return other;
  const copy = (Array.isArray(whole) ? [...(whole as unknown[])] : { ...(whole as object) }) as Record<
    string,
    unknown
  >;
  copy[key] = replaced(copy[key], rest, other);
  return copy;
}

describe("the JSON Schemas", () => {
  it("that are published are those that the readers make (npm run record-schemas)", () => {
    for (const [name, schema] of Object.entries(schemas))
      expect(JSON.parse(readFileSync(new URL(`schemas/${name}.schema.json`, ROOT), "utf8"))).toEqual(schema);
  });

  it("are tried on files of every kind", () => {
    expect(new Set(FILES.map(({ kind }) => kind))).toEqual(new Set(Object.keys(schemas)));
  });

  it.each(FILES)("take $path, as Sluice does", ({ kind, text }) => {
    if (!takes(kind, text)) return expect(takes(kind, text), "a page's file that Sluice refuses").toBe(false);
    expect(fits(kind, parse(text)), JSON.stringify(validators[kind]!.errors)).toBe(true);
    // Of a long list of cases the first few say it.
    const whole: unknown = parse(text);
    const value = Array.isArray(whole) ? (whole as unknown[]).slice(0, 2) : whole;
    // A key that nobody knows is refused by both or by neither, wherever it stands.
    const withKey = (at: unknown) =>
      typeof at === "object" && at !== null && !Array.isArray(at) ? { ...at, no_such_key: 1 } : undefined;
    const differ: string[] = [];
    for (const { where, document } of changed(value, withKey))
      if (!OWN_SCHEMA.test(where) && fits(kind, document) !== takes(kind, JSON.stringify(document))) differ.push(where);
    expect(differ).toEqual([]);
    // What the schema refuses, Sluice refuses: another kind of value, whatever the place.
    const stricter: string[] = [];
    for (const other of [7, true, "text", [], {}, null])
      for (const { where, document } of changed(value, () => other))
        if (!fits(kind, document) && takes(kind, JSON.stringify(document)))
          stricter.push(`${where} = ${JSON.stringify(other)}`);
    expect(stricter).toEqual([]);
  });

  it("take a file of several prompts, and a text in place of messages", () => {
    const text = { name: "a", model: "openai/gpt-5-mini", text: "hi" };
    for (const [document, isGood] of [
      [{ $schema: "prompt.schema.json", prompts: [text] }, true],
      [{ prompts: [] }, false],
      [{ prompts: [text], name: "b" }, false],
      [text, true],
      [{ ...text, messages: [{ role: "user", content: "hi" }] }, false],
      [{ name: "a", model: "openai/gpt-5-mini" }, false],
      [{ ...text, policy: { gate: { dataste: "x" } } }, false],
    ] as const)
      expect(fits("prompt", document), JSON.stringify(document)).toBe(isGood);
  });
});

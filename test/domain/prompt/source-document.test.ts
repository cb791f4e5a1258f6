import * as v from "valibot";
import { describe, expect, it } from "vitest";
import { readPolicyFile } from "../../../src/domain/policy/policy-file.ts";
import { SluiceError } from "../../../src/domain/errors.ts";
import { checkSource, readSource } from "../../../src/domain/prompt/source-document.ts";
import { parseDataset } from "../../../src/evaluation/dataset/parse-dataset.ts";
import { MAX_CASES } from "../../../src/evaluation/dataset/most-cases.ts";
import { parsePromptfooConfig } from "../../../src/evaluation/promptfoo/parse-config.ts";
import { loadPromptFile } from "../../../src/templates/load-prompt-file.ts";

// Each reader of files that people write, with a file of its kind that has a value put into it.
const READERS: Record<string, (value: string, anchor?: string) => unknown> = {
  "a prompt file": (value, anchor = "") =>
    loadPromptFile(
      `name: p\nmodel: openai/gpt-5-mini\nparams: ${anchor}\n  extra: ${value}\nmessages: [{ role: user, content: hello }]\n`,
      "the-file",
    ),
  "a policy": (value, anchor = "") =>
    readPolicyFile(
      `gate: { dataset: d.yaml }\ncanary: ${anchor}\n  goal: { metric: rating, direction: higher, margin: 0.1 }\n  lease: ${value}\n`,
      "the-file",
    ),
  "a dataset": (value, anchor = "") =>
    parseDataset(
      `- assert: [{ type: is-json }]\n  description: x\n  vars: ${anchor}\n    q: ${value}\n`,
      "the-file",
    ),
  "a configuration": (value, anchor = "") =>
    parsePromptfooConfig(
      `prompts: ['{{ q }}']\nproviders: [openai:gpt-5-mini]\ntests:\n  - assert: [{ type: is-json }]\n    vars: ${anchor}\n      q: ${value}\n`,
      "the-file",
    ),
};

function refusal(work: () => unknown): SluiceError {
  try {
    work();
  } catch (error) {
    expect(error).toBeInstanceOf(SluiceError);
    expect((error as SluiceError).code).toBe("invalid_input");
    return error as SluiceError;
  }
  throw new Error("nothing was refused");
}

describe.each(Object.entries(READERS))("%s", (_, read) => {
  it.each([
    ["half an emoji", '"hello \\ud83d"', "half of a surrogate pair"],
    ["a NUL", '"a\\0b"', "contains a NUL"],
    ["a number that is none", ".nan", "NaN has no JSON form"],
    ["an endless number", "-.inf", "-Infinity has no JSON form"],
    ["a timestamp", "!!timestamp 2026-01-31", "is a timestamp"],
    ["a set", "!!set { a, b }", "is a set"],
    ["an ordered mapping", "!!omap [a: 1]", "is an ordered mapping"],
    ["a binary value", "!!binary aGVsbG8=", "is a binary value"],
    ["half an emoji in a key", '{ "\\ud83d": 1 }', "half of a surrogate pair"],
    ["an alias of nothing", "*nothing", "Unresolved alias"],
    ["a list that contains itself", "&l [*l]", "has no end"],
    ["3,000 nested levels", `${"[".repeat(3000)}${"]".repeat(3000)}`, "nested more than 200 levels"],
    ["3,000 nested mappings", `${"{a: ".repeat(3000)}1${"}".repeat(3000)}`, "nested more than 200 levels"],
  ])("is refused at its line and column in one line, with %s in it", (_kind, value, problem) => {
    const { message } = refusal(() => read(value));
    expect(message).toMatch(/^the-file:[2-6]:\d+: /);
    expect(message).toContain(problem);
    expect(message.length).toBeLessThan(300);
  });

  it("is refused where a part of it is an alias of the whole", () => {
    expect(refusal(() => read("*v", "&v")).message).toMatch(/^the-file:\d:\d+: .*has no end/);
  });

  it("never repeats more than forty characters of what was received", () => {
    const secret = "PLANTED-SECRET-".repeat(10);
    for (const value of [secret, `"${secret}"`, `{ ${secret}: 1 }`, `*${secret}`, `"${secret}" x`]) {
      let message = "";
      try {
        read(value);
      } catch (error) {
        message = (error as Error).message;
      }
      expect(message).not.toContain(secret.slice(0, 45));
    }
  });
});

describe("merge keys", () => {
  it("put one mapping's entries into another, whose own count", () => {
    const { value } = readSource(
      "base: &b { a: 1, b: 2 }\nmore: { <<: *b, b: 3 }\nlist: { <<: [*b, { c: 4 }] }\n",
      "f",
    );
    expect(value).toEqual({ base: { a: 1, b: 2 }, more: { a: 1, b: 3 }, list: { a: 1, b: 2, c: 4 } });
  });

  it("are read in prompt files, and a wrong value that came with one is found", () => {
    const file = (type: string) =>
      `name: p\nmodel: openai/gpt-5-mini\nvariables:\n  a: &v { type: ${type}, required: true }\n  b: { <<: *v, required: false }\nmessages: [{ role: user, content: "{{ a }}{{ b }}" }]\n`;
    expect(loadPromptFile(file("string"), "f").artifact.variables).toEqual({
      a: { type: "string", required: true },
      b: { type: "string" },
    });
    expect(() => loadPromptFile(file("text"), "f")).toThrow(/^f:4:\d+: variables\.a\.type/);
  });
});

describe("a file of several documents", () => {
  it("is refused where the second one begins", () => {
    expect(refusal(() => readSource("a: 1\n---\nb: 2\n", "f")).message).toMatch(
      /^f:2:\d+: .*several documents/,
    );
  });
});

describe("what is too much", () => {
  it("is refused before it is worked on: cases of a table and of a list", () => {
    const rows = MAX_CASES + 1;
    const table = `q,__expected\n${"a,b\n".repeat(rows)}`;
    expect(refusal(() => parseDataset(table, "cases.csv")).message).toContain("more than 50,000 cases");
    const files = { read: () => table, list: () => Array.from({ length: 4 }, (_, at) => `${at}.csv`) };
    expect(
      refusal(() =>
        parseDataset("tests: file://*.csv\n", "d.yaml", { ...files, value: () => 0, script: () => "" }),
      ).message,
    ).toContain("more than 50,000 cases");
  });

  it("is refused at its line: the name of a model", () => {
    const long = "m".repeat(9000);
    for (const read of [
      () =>
        loadPromptFile(`name: p\nmodel: openai/${long}\nmessages: [{ role: user, content: hello }]\n`, "f"),
      () =>
        parsePromptfooConfig(
          `prompts: [a]\nproviders: [openai:${long}]\ntests: [{ assert: [{ type: is-json }] }]\n`,
          "f",
        ),
    ]) {
      const { message } = refusal(read);
      expect(message).toMatch(/^f:2:\d+: .*at most 200 characters/);
      expect(message.length).toBeLessThan(200);
    }
  });
});

describe("a value of the wrong kind", () => {
  const schema = v.strictObject({
    list: v.optional(v.array(v.string())),
    mapping: v.optional(v.strictObject({ on: v.optional(v.boolean()) })),
    either: v.optional(v.union([v.string(), v.array(v.number())])),
    one: v.optional(v.picklist(["a", "b"])),
  });

  it.each([
    ["hello", 'f.yaml:1:1: the document: must be a mapping, not "hello"'],
    ["- a", "f.yaml:1:1: the document: must be a mapping, not a list"],
    ["", "f.yaml:1:1: the document: must be a mapping, not empty"],
    ["list: 5", "f.yaml:1:7: list: must be a list, not 5"],
    ["list: { a: b }", "f.yaml:1:7: list: must be a list, not a mapping"],
    ["list: [5]", "f.yaml:1:8: list.0: must be a text, not 5"],
    ["mapping: true", "f.yaml:1:10: mapping: must be a mapping, not true"],
    ["mapping: { on: yes }", 'f.yaml:1:16: mapping.on: must be true or false, not "yes"'],
    ["either: 5", "f.yaml:1:9: either: must be a text or a list, not 5"],
    ["one: c", 'f.yaml:1:6: one: must be "a" or "b", not "c"'],
  ])("is said in the words of the file, as of %j", (text, said) => {
    expect(() => checkSource(readSource(text, "f.yaml"), schema)).toThrow(said);
  });
});

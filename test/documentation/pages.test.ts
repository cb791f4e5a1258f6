import { existsSync, readFileSync, statSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { readPolicyFile } from "../../src/domain/policy/policy-file.ts";
import { parseDataset } from "../../src/evaluation/dataset/parse-dataset.ts";
import { readSettings } from "../../src/resolver/settings.ts";
import { MemorySource } from "../../src/resolver/sources/memory.ts";
import { loadPromptFile } from "../../src/templates/load-prompt-file.ts";
import { anchors, codeBlocks, links, PAGES, readPage, ROOT } from "./markdown.ts";

const files = PAGES.flatMap((page) => codeBlocks(page)).filter(
  (block) => block.file !== undefined && block.language === "yaml",
);

describe("the pages", () => {
  it.each(PAGES)("link to what is there: %s", (page) => {
    const broken = links(page).filter((target) => !/^[a-z]+:/.test(target) && !leadsSomewhere(page, target));
    expect(broken).toEqual([]);
  });

  it("are all found from the index", () => {
    const linked = links("docs/README.md").map((target) => path.posix.join("docs", target));
    const decisions = links("docs/decisions/README.md").map((target) => `docs/decisions/${target}`);
    const listed = PAGES.filter((page) => /^docs\/(?:reference|guides|decisions)\//.test(page));
    expect(listed.filter((page) => !linked.includes(page) && !decisions.includes(page))).toEqual([]);
  });
});

describe("the files that the pages show", () => {
  it("are there for prompts, datasets and policies", () => {
    expect(new Set(files.map((block) => readerOf(block.file!)))).toEqual(
      new Set([loadPromptFile, parseDataset, readPolicyFile]),
    );
  });

  it.each(files.map((block) => [block.page, block.file!, block.text]))(
    "are valid: %s, %s",
    (_, file, text) => {
      expect(() => readerOf(file)(text, file)).not.toThrow();
    },
  );
});

describe("the defaults that the policy's page states", () => {
  const page = readPage("docs/reference/policy.md");
  const stated = ["gate", "canary"].flatMap((section) => {
    const table = page.split(`## \`${section}\``)[1]?.split("\n## ")[0] ?? "";
    const rows = [...table.matchAll(/^\| `(\w+)` +\| ([^|]+?) +\|/gm)];
    return rows.flatMap(([, key, value]) => {
      // What comes after a semicolon is the default of another kind of policy.
      const text = /^`?([\w.]+)`?(?:;.*)?$/.exec(value!)?.[1];
      return text === undefined || text === "none" ? [] : [[section, key!, text] as const];
    });
  });

  it("are found", () => {
    expect(stated.map(([section, key]) => `${section}.${key}`)).toEqual(
      expect.arrayContaining(["gate.repeats", "gate.on_insufficient", "canary.interval", "canary.lease"]),
    );
  });

  it.each(stated)("are those of the reader: %s.%s is %s", (section, key, value) => {
    expect(readPolicyFile(policyWith(section, key, value), "policy")).toEqual(
      readPolicyFile(policyWith(), "policy"),
    );
  });
});

describe("the picture of a rollout's phases", () => {
  const picture = readFileSync(path.join(ROOT, "docs/pictures/rollout-states.svg"), "utf8");
  const source = readFileSync(path.join(ROOT, "src/domain/rollout/rollout.ts"), "utf8");
  const named = new Set([...picture.matchAll(/class="name"[^>]*>(\w+)</g)].map(([, name]) => name));

  it("has every phase and every outcome, and no other", () => {
    const words = ["Phase", "Outcome"].flatMap((type) => {
      const union = new RegExp(`export type ${type} =([^;]+);`).exec(source)![1]!;
      return [...union.matchAll(/"(\w+)"/g)].map(([, word]) => word);
    });
    expect(named).toEqual(new Set(words));
  });
});

describe("the resolver's page", () => {
  const page = readPage("docs/reference/resolver.md");

  it("has every reason that a resolution can have, and no other", () => {
    const table = page.split("| `reason`")[1]!.split("\n\n")[0]!;
    const told = [...table.matchAll(/^\|([^|]+)\|/gm)].flatMap(([, cell]) => cell!.match(/\w+/g) ?? []);
    const source = readFileSync(path.join(ROOT, "src/resolver/serving/reason.ts"), "utf8");
    const union = /export type Reason =([^;]+);/.exec(source)![1]!;
    const reasons = [...union.matchAll(/"(\w+)"/g)].map(([, reason]) => reason);
    expect(new Set(told)).toEqual(new Set(reasons));
  });

  it("has every code that a warning can have beside the reasons, and no other", () => {
    const table = page.split("| `code`")[1]!.split("\n\n")[0]!;
    const told = [...table.matchAll(/^\|([^|]+)\|/gm)].flatMap(([, cell]) => cell!.match(/\w+/g) ?? []);
    const source = readFileSync(path.join(ROOT, "src/resolver/observing/warning.ts"), "utf8");
    const union = /export type WarningCode =([^;]+);/.exec(source)![1]!;
    const codes = [...union.matchAll(/"(\w+)"/g)].map(([, code]) => code);
    expect(new Set(told)).toEqual(new Set(codes));
  });

  it("states the defaults that the resolver has", async () => {
    const source = new MemorySource();
    const settings: Record<string, unknown> = readSettings({ source }, source) as never;
    const { max, ttlMs, recording } = settings;
    const defaults = { ...settings, cache: { max, ttlMs }, recording } as Record<string, unknown>;
    const stated = [...page.matchAll(/^\| `([\w.]+)` +\| `?(\d+|production)`? +\|/gm)];
    expect(stated.length).toBeGreaterThan(8);
    for (const [, name, value] of stated) {
      const found = name!
        .split(".")
        .reduce<unknown>((at, key) => (at as Record<string, unknown>)[key], defaults);
      expect(String(found), name).toBe(value);
    }
    await source.close();
  });
});

function leadsSomewhere(page: string, target: string): boolean {
  const [file, anchor] = target.split("#", 2);
  const found = file === "" ? page : path.posix.join(path.posix.dirname(page), file!);
  if (!existsSync(path.join(ROOT, found))) return false;
  return anchor === undefined || (statSync(path.join(ROOT, found)).isFile() && anchors(found).has(anchor));
}

function readerOf(file: string): (text: string, name: string) => unknown {
  if (file.endsWith(".rollout.yaml")) return readPolicyFile;
  return file.endsWith(".golden.yaml") ? parseDataset : loadPromptFile;
}

/** The smallest policy there is, and one key more. */
function policyWith(section?: string, key?: string, value?: string): string {
  const more = (name: string) => (name === section ? [`  ${key}: ${value}`] : []);
  return [
    "gate:",
    "  dataset: cases.yaml",
    ...more("gate"),
    "canary:",
    "  stages: [{ share: 50% }]",
    "  goal: { metric: rating, direction: higher, margin: 0.1 }",
    ...more("canary"),
  ].join("\n");
}

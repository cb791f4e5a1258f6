import { readFileSync, globSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { counted } from "../../src/domain/text/counted.ts";

/**
 * Words that are counted somewhere. A number before one of them is written by `counted`, which knows of one.
 * What cannot be one is let through: constants in capitals, and the reasons that looks are stored with, which are
 * computed again word for word (`audit recompute`) and so change with a version of the rules alone.
 */
const COUNTED =
  "approvals|attempts|calls|cases|characters|entries|errors|events|files|hours|messages|metrics|outcomes|resolvers|results|rollouts|rows|runs|services|stages|tests|times|tokens|units|users|values|versions";
const BY_HAND = new RegExp(
  String.raw`(?<!\\)\$\{(?!counted\()(?![A-Z_]+(?:\.toLocaleString\([^)]*\))?\})[^{}]*\} (?:of (?:the )?\$\{[^{}]*\} )?(?:[a-z]+ )?(?:${COUNTED})\b`,
  "g",
);

function plainPlurals(text: string): string[] {
  return text.match(BY_HAND) ?? [];
}

describe("a count in a message", () => {
  it("knows one from many", () => {
    expect([counted(1, "case"), counted(2, "case"), counted(0, "case")]).toEqual([
      "1 case",
      "2 cases",
      "0 cases",
    ]);
    expect(counted(1, "entry", "entries")).toBe("1 entry");
    expect(counted(12_345, "unit")).toBe("12,345 units");
    expect(plainPlurals("`${n} cases`")).toHaveLength(1);
    expect(plainPlurals("`${n} of ${all} candidate units`")).toHaveLength(1);
    expect(plainPlurals('`${counted(n, "case")}, at most ${MOST} files`')).toEqual([]);
  });

  it("is never a number before a plural alone, which says `1 cases`", () => {
    const found = globSync("{src,workflows,activities,workers}/**/*.ts")
      .filter((path) => !path.startsWith("src/statistics/decision/"))
      .flatMap((path) => plainPlurals(readFileSync(path, "utf8")).map((text) => `${path}: ${text}`));
    expect(found).toEqual([]);
  });
});

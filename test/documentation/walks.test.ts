import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { readPage, ROOT } from "./markdown.ts";

interface Step {
  readonly file: string;
  /** Reached through Temporal, SQL or a port, so that no import leads there. */
  readonly byName: boolean;
}

const walks = readPage("docs/architecture.md")
  .split(/^## Six walks$/m)[1]!
  .split(/^### /m)
  .slice(1)
  .map((text) => ({
    title: text.slice(0, text.indexOf("\n")),
    steps: [...text.matchAll(/^\d+\. `([^`]+)`(.*)$/gm)].map(([, file, more]): Step => ({
      file: file!,
      byName: more!.startsWith(" (by name"),
    })),
  }));

/** The files that a file imports, types among them. */
function importsOf(file: string): string[] {
  if (!file.endsWith(".ts")) return [];
  const text = readFileSync(path.join(ROOT, file), "utf8");
  return [...text.matchAll(/(?:from|import\()\s*"(\.[^"]+)"/g)].map(([, target]) =>
    path.posix.join(path.posix.dirname(file), target!),
  );
}

describe("a walk through the house", () => {
  it("is one of six", () => {
    expect(walks.map(({ title }) => title)).toEqual([
      "A prompt file to a version",
      "`rollout start` to the first pointer move",
      "An outcome to a verdict",
      "`resolve()` to a served prompt",
      "A test case to a graded result",
      "`invoke()` to a recorded answer",
    ]);
  });

  it.each(walks)(
    "passes files that exist, each imported by one before it or reached by name: $title",
    ({ steps }) => {
      expect(steps.length).toBeGreaterThan(7);
      expect(steps.map(({ file }) => file).filter((file) => !existsSync(path.join(ROOT, file)))).toEqual([]);
      const unreached = steps.filter(({ file, byName }, at) => {
        const imported = steps.slice(0, at).some((before) => importsOf(before.file).includes(file));
        return at > 0 && imported === byName;
      });
      expect(unreached).toEqual([]);
    },
  );
});

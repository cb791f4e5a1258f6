import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { starterFiles } from "../../src/cli/commands/starting/starter-files.ts";
import { parseWords } from "../../src/cli/parsing/parse-words.ts";

const read = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), "utf8");
const PIPELINES: Readonly<Record<string, string>> = {
  "deploy/gitlab-ci.yml": read("deploy/gitlab-ci.yml"),
  "the workflow of sluice init": starterFiles()[".github/workflows/prompts.yml"]!,
};
const commands = Object.entries(PIPELINES).flatMap(([name, text]) =>
  [...text.matchAll(/npx --no-install sluice (.+)$/gm)].map(([, line]) => [name, line!.trim()] as const),
);

describe("pipelines that come with Sluice", () => {
  it.each(commands)("%s: sluice %s is a command as it takes it", (_name, line) => {
    const words = line
      .replace(/ (?:"\$\{options\[@\]\}"|> .*)$/, "")
      .split(" ")
      .map((word) => word.replaceAll('"', ""));
    expect(parseWords(words)).not.toHaveProperty("mistake");
  });

  it("review and apply at GitLab, and keep a job's token from what it is not for", () => {
    const jobs = parse(PIPELINES["deploy/gitlab-ci.yml"]!) as Record<
      string,
      { id_tokens?: { SLUICE_ID_TOKEN: { aud: string } }; script?: string[] }
    >;
    expect(Object.keys(jobs)).toEqual([".sluice", "prompts-review", "prompts-apply"]);
    for (const name of ["prompts-review", "prompts-apply"])
      expect(jobs[name]!.id_tokens?.SLUICE_ID_TOKEN.aud).toBe("$SLUICE_URL");
    // GitLab checks out a commit, and an apply has to know its branch.
    expect(jobs["prompts-apply"]!.script).toEqual([expect.stringMatching(/ --branch "\$CI_COMMIT_BRANCH"$/)]);
  });
});

describe("action.yml", () => {
  const manifest = parse(read("action.yml")) as {
    readonly inputs: Record<string, { description: string; default?: string }>;
    readonly outputs: Record<string, unknown>;
    readonly runs: { readonly using: string; readonly main: string };
  };
  const source = ["job", "run-action"].map((name) => read(`action/${name}.ts`)).join("\n");

  it("names a file that is there, and the inputs and outputs that the action has", () => {
    expect(manifest.runs).toEqual({ using: "node24", main: "action/bundle/index.mjs" });
    expect(read(manifest.runs.main)).toContain("runAction");
    for (const name of Object.keys(manifest.inputs)) expect(source).toContain(`"${name}"`);
    for (const [, name] of source.matchAll(/input\("([\w-]+)"\)/g))
      expect(Object.keys(manifest.inputs)).toContain(name);
    for (const name of Object.keys(manifest.outputs))
      expect(source).toMatch(new RegExp(`["\\s]${name}["]?[:,]|"${name}"`));
  });
});

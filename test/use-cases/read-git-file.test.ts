import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { readGitFile } from "../../src/use-cases/read-git-file.ts";

const here = process.cwd();
let folder: string;

function git(cwd: string, ...words: string[]): void {
  const identity = ["-c", "user.name=t", "-c", "user.email=t@t.example", "-c", "protocol.file.allow=always"];
  execFileSync("git", [...identity, ...words], { cwd, stdio: "ignore" });
}

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "sluice-shallow-"));
  git(folder, "init", "-q", "-b", "main", "whole");
  const whole = join(folder, "whole");
  for (const text of ["one", "two"]) {
    writeFileSync(join(whole, "p.yaml"), text);
    git(whole, "add", ".");
    git(whole, "commit", "-q", "-m", text);
  }
  git(folder, "clone", "-q", "--depth", "1", `file://${whole}`, "shallow");
});
afterEach(() => {
  process.chdir(here);
  rmSync(folder, { recursive: true, force: true });
});

describe("a file at a commit", () => {
  it("that a shallow clone does not have is said to be that, with what fetches it", async () => {
    process.chdir(join(folder, "shallow"));
    await expect(readGitFile({ ref: "HEAD", path: "p.yaml" })).resolves.toBe("two");
    await expect(readGitFile({ ref: "HEAD~1", path: "p.yaml" })).rejects.toThrow(
      /^git:HEAD~1:p\.yaml: git says: .*; this is a shallow clone, .* git fetch --unshallow/,
    );
  });

  it("that a whole clone does not have is not blamed on a shallow one", async () => {
    process.chdir(join(folder, "whole"));
    await expect(readGitFile({ ref: "HEAD~1", path: "p.yaml" })).resolves.toBe("one");
    await expect(readGitFile({ ref: "nope", path: "p.yaml" })).rejects.toThrow(/git says: (?!.*shallow)/);
  });

  it("is what was committed, whatever the repository shows in its place, and a folder is none", async () => {
    const whole = join(folder, "whole");
    process.chdir(whole);
    mkdirSync(join(whole, "prompts"));
    writeFileSync(join(whole, "prompts", "q.yaml"), "three");
    writeFileSync(join(whole, ".gitattributes"), "*.yaml diff=shout\n");
    git(whole, "config", "diff.shout.textconv", "tr a-z A-Z <");
    git(whole, "add", ".");
    git(whole, "commit", "-q", "-m", "shout");
    await expect(readGitFile({ ref: "HEAD", path: "prompts/q.yaml" })).resolves.toBe("three");
    await expect(readGitFile({ ref: "HEAD", path: "prompts" })).rejects.toThrow(
      "git:HEAD:prompts: prompts is no file at HEAD, but a folder; name a file",
    );
  });
});

import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readCheckout, readCommitPlace } from "../../src/gitops/checkout.ts";

let top: string;
let folder: string;
const write = (path: string, text: string) => {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), text);
};
const git = (at: string, ...args: string[]) =>
  execFileSync("git", ["-C", at, "-c", "user.name=n", "-c", "user.email=n@example.org", ...args], {
    encoding: "utf8",
    stdio: ["ignore", "pipe", "ignore"],
  }).trim();
const uncommitted = async (paths: string[], at = folder) =>
  (
    await readCheckout(
      at,
      paths.map((path) => join(at, path)),
      at,
    )
  ).uncommitted;

beforeAll(() => {
  top = mkdtempSync(join(tmpdir(), "sluice-checkout-"));
  folder = join(top, "prompts");
  mkdirSync(folder);
  git(folder, "init", "-q", "-b", "main");
  write(".gitignore", "local/\n");
  for (const path of ["a.yaml", "team é/b c.yaml", "shared/text.yaml"]) write(path, "first\n");
  symlinkSync("shared/text.yaml", join(folder, "linked.yaml"));
  git(folder, "add", ".");
  git(folder, "commit", "-qm", "first");
});
afterAll(() => rmSync(top, { recursive: true, force: true }));

describe("what Git says of a folder", () => {
  it("knows a file whose content no commit has, wherever it is and however it is reached", async () => {
    const paths = ["a.yaml", "team é/b c.yaml", "linked.yaml", "local/own.yaml", "nested/in.yaml"];
    expect(await uncommitted(paths.slice(0, 3))).toEqual([]);
    write("team é/b c.yaml", "second\n");
    write("shared/text.yaml", "second\n");
    write("local/own.yaml", "ignored\n");
    write("nested/in.yaml", "of another repository\n");
    git(join(folder, "nested"), "init", "-q");
    git(join(folder, "nested"), "add", ".");
    git(join(folder, "nested"), "commit", "-qm", "nested");
    expect(await uncommitted(paths)).toEqual(paths.slice(1));
    symlinkSync(folder, join(top, "link"));
    expect(await uncommitted(paths, join(top, "link"))).toEqual(paths.slice(1));
    expect(await uncommitted(["b c.yaml"], join(folder, "team é"))).toEqual(["b c.yaml"]);
  });

  it("refuses a repository that Git does not read, and takes a folder without one", async () => {
    expect(await readCheckout(top, [join(top, "x.yaml")], top)).toEqual({ commit: null, uncommitted: [] });
    const broken = join(top, "broken");
    mkdirSync(broken);
    writeFileSync(join(broken, ".git"), "gitdir: /nowhere/at/all\n");
    await expect(readCheckout(broken, [], broken)).rejects.toThrow(
      /^git does not read the repository here: /,
    );
    const fresh = join(top, "fresh");
    mkdirSync(fresh);
    git(fresh, "init", "-q");
    expect(await readCheckout(fresh, [], fresh)).toEqual({ commit: null, uncommitted: [] });
  });

  it("names a worktree after the repository that it is of", async () => {
    git(folder, "worktree", "add", "-q", "-b", "fix", join(top, "elsewhere"));
    const place = await readCommitPlace(join(top, "elsewhere"));
    expect(place).toMatchObject({ repository: "prompts", branch: "fix" });
    git(join(top, "elsewhere"), "checkout", "-q", "--detach");
    expect(await readCommitPlace(join(top, "elsewhere", "team é"))).toMatchObject({
      repository: "prompts:team é",
      branch: null,
    });
  });
});

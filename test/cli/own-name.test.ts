import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join, parse } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { nodeName, ownName } from "../../src/cli/own-name.ts";

const ROOT = join(import.meta.dirname, "../..");
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "sluice-name-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function program(...path: string[]): Promise<string> {
  const file = join(folder, ...path);
  await mkdir(join(file, ".."), { recursive: true });
  await writeFile(file, "");
  return join(file, "..");
}
const onPath = (...folders: string[]) => ({
  searchPath: folders.join(delimiter),
  platform: "linux" as const,
});

describe("how sluice is typed in another terminal", () => {
  it("by its name, where that is on the path", async () => {
    const bin = await program("bin", "sluice");
    expect(ownName(ROOT, onPath("/nowhere", bin))).toBe("sluice");
  });

  it("as an npm script in a clone: what npm has put on this path is not on that of another terminal", async () => {
    const npms = await program("node_modules", ".bin", "sluice");
    expect(ownName(ROOT, onPath(npms))).toBe("npm run -s sluice --");
  });

  it("by npx in a project that depends on it, and in the folders below", async () => {
    await program("node_modules", ".bin", "sluice");
    expect(ownName(join(folder, "prompts", "deep"), onPath())).toBe("npx sluice");
  });

  it("by its path elsewhere, with a Node that it runs on", async () => {
    // In the root, where nothing can be installed; the path is then a short one.
    expect(ownName(parse(ROOT).root, onPath())).toBe(
      `${process.execPath} ${join(ROOT, "bin", "sluice.mjs").slice(parse(ROOT).root.length)}`,
    );
    const elsewhere = join(folder, "..", "no", "such", "folder");
    expect(ownName(elsewhere, onPath())).toBe(`${process.execPath} ${join(ROOT, "bin", "sluice.mjs")}`);
    await mkdir(join(folder, "node"));
    await symlink(process.execPath, join(folder, "node", "node"));
    expect(nodeName([join(folder, "node")])).toBe("node");
    expect(nodeName([await program("old", "node"), join(folder, "node")].toReversed())).toBe("node");
    expect(nodeName([await program("old", "node"), join(folder, "node")])).toBe(process.execPath);
  });
});

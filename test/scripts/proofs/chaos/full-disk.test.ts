import { mkdtemp, open, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { fillDisk, freeDisk } from "../../../../scripts/proofs/chaos/full-disk.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "sluice-full-disk-"));
});
afterEach(async () => {
  freeDisk();
  await rm(folder, { recursive: true, force: true });
});

describe("a disk that is full", () => {
  it("takes what fits where it belongs, says how much, and fails with the next", async () => {
    const path = join(folder, "open");
    const handle = await open(path, "wx+");
    try {
      await handle.write(Buffer.alloc(100, "a"), 0, 100, 0);
      fillDisk(folder);
      const written = await handle.write(Buffer.alloc(200, "b"), 0, 200, 100);
      expect(written.bytesWritten).toBe(100);
      await expect(handle.write(Buffer.alloc(1, "c"), 0, 1, 200)).rejects.toMatchObject({ code: "ENOSPC" });
      expect(await readFile(path, "latin1")).toBe("a".repeat(100) + "b".repeat(100));
      freeDisk();
      await handle.write(Buffer.alloc(1, "c"), 0, 1, 200);
      expect(await readFile(path, "latin1")).toMatch(/^a{100}b{100}c$/);
    } finally {
      await handle.close();
    }
  });

  it("takes the beginning of what is written or appended whole, and fails", async () => {
    const path = join(folder, "whole");
    const handle = await open(path, "wx+");
    try {
      await handle.appendFile("aaaa");
      fillDisk(folder);
      await expect(handle.appendFile("bbbb")).rejects.toMatchObject({ code: "ENOSPC" });
      await expect(writeFile(join(folder, "other"), "cccc")).rejects.toMatchObject({ code: "ENOSPC" });
      expect(await readFile(path, "latin1")).toBe("aaaabb");
      expect(await readFile(join(folder, "other"), "latin1")).toBe("cc");
    } finally {
      await handle.close();
    }
  });
});

import { mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { claimFolder } from "../../../src/local/processes/folder-claim.ts";

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "sluice-claim-"));
  file = join(folder, "owner.json");
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** A claim as another container would have written it: its pid is nobody here. */
function claimedElsewhere(shownMsAgo: number): void {
  const owner = { pid: 2 ** 22 - 1, started: "boot/1" };
  writeFileSync(file, JSON.stringify({ owner, namespace: "pid:[1]" }));
  const at = new Date(Date.now() - shownMsAgo);
  utimesSync(file, at, at);
}

describe("a folder that a process of another container, or of the host, has claimed", () => {
  it("is in use for as long as that one shows that it is there", async () => {
    claimedElsewhere(5_000);
    await expect(claimFolder(folder, "Postgres")).rejects.toThrow(/is in use by process/);
  });

  it("is free once that one has shown nothing for a while", async () => {
    claimedElsewhere(60_000);
    const claim = await claimFolder(folder, "Postgres");
    expect(JSON.parse(readFileSync(file, "utf8"))).toMatchObject({ owner: { pid: process.pid } });
    claim.release();
  });
});

describe("a folder whose owner is gone", () => {
  it("is free at once where pids are the same", async () => {
    writeFileSync(file, JSON.stringify({ owner: { pid: 2 ** 22 - 1, started: "boot/1" } }));
    const claim = await claimFolder(folder, "Postgres");
    expect(JSON.parse(readFileSync(file, "utf8"))).toMatchObject({ owner: { pid: process.pid } });
    claim.release();
  });

  it("is refused to a second claim of the same process", async () => {
    const claim = await claimFolder(folder, "Postgres");
    await expect(claimFolder(folder, "Postgres")).rejects.toThrow(/is in use by process/);
    claim.release();
  });
});

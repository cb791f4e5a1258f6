import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { fillDisk, freeDisk } from "../../../scripts/proofs/chaos/full-disk.ts";
import { Lane } from "../../../src/server/relay/sending/lane.ts";
import { outcomesReport } from "../../../src/server/relay/sending/report.ts";
import { Spool } from "../../../src/server/relay/sending/spool.ts";

/** Turns of the queue of microtasks: in one of them whoever works has seen that nothing is left and is still at work. */
const TURNS = Array.from({ length: 12 }, (_, turns) => turns);

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "sluice-spool-"));
});
afterEach(async () => {
  freeDisk();
  await rm(folder, { recursive: true, force: true });
});

describe("a spool", () => {
  it("promises nothing of which the disk took only a part, and loses nothing of before and after", async () => {
    const { spool } = await Spool.open(folder);
    const kept = [await spool.add('"first"'), await spool.add('"second"')];
    fillDisk(folder);
    await expect(spool.add('"third"')).rejects.toThrow(/cannot be kept until it is sent on \(ENOSPC\)/);
    freeDisk();
    kept.push(await spool.add('"fourth"'));
    const texts = await Promise.all(kept.map((one) => spool.read(one)));
    expect(texts).toEqual(['"first"', '"second"', '"fourth"']);
    await spool.close();

    const again = await Spool.open(folder);
    expect(await Promise.all(again.left.map((one) => again.spool.read(one)))).toEqual(texts);
    expect(again.damaged).toBe(0);
    await again.spool.close();
  });

  it.each(TURNS)("keeps what comes %i turns after what was kept before", async (turns) => {
    const { spool } = await Spool.open(folder);
    for (const text of ['"first"', '"second"', '"third"']) {
      expect(await spool.read(await spool.add(text))).toBe(text);
      await spool.add(text);
      for (let turn = 0; turn < turns; turn++) await Promise.resolve();
    }
    await spool.close();
  });
});

describe("a lane", () => {
  it.each(TURNS)("sends what comes %i turns after what was sent before", async (turns) => {
    const { spool } = await Spool.open(folder);
    const lane = new Lane({
      spool,
      atOnce: 1,
      areMerged: true,
      send: () => Promise.resolve({ taken: true, status: 200, body: undefined }),
      onRefused: () => undefined,
      onTrouble: () => undefined,
    });
    const reports = ['{"exposures":[]}', '{"outcomes":[]}', "{}"].map((batch) => outcomesReport(batch, {}));
    const spooled = await Promise.all(reports.map((report) => spool.add(JSON.stringify(report))));
    for (const [index, report] of reports.entries()) {
      const sent = await new Promise((answered) => {
        lane.add({ spooled: spooled[index]!, report, answered });
      });
      expect(sent).toMatchObject({ taken: true });
      for (let turn = 0; turn < turns; turn++) await Promise.resolve();
    }
    await lane.close(1_000);
    await spool.close();
  });
});

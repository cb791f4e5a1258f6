import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type DevState, readDevState } from "../../src/local/stack/dev-state.ts";
import { identifyProcess, isRunning } from "../../src/local/processes/process-identity.ts";
import { type SluiceProcess, startSluice } from "../support/sluice-process.ts";

interface Told {
  readonly asExpected: boolean;
  readonly tookMs: number;
  readonly rollouts: readonly {
    readonly candidate: string;
    readonly baseline: string | null;
    readonly outcome: string;
    readonly reason: string;
    readonly stage: number;
    readonly units: { readonly candidate: number; readonly control: number };
    readonly gate: { readonly verdict: string };
    readonly evidence: readonly { readonly metric: string; readonly ci: readonly number[] | null }[];
    readonly uiUrl: string;
  }[];
  readonly traffic: { readonly users: number; readonly errors: number };
}

let folder: string;
let demo: SluiceProcess;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "sluice-demo-"));
});
afterEach(async () => {
  demo.kill("SIGTERM");
  await demo.ended;
  rmSync(folder, { recursive: true, force: true });
});

/** Where its parts are, as soon as they run. */
async function parts(): Promise<DevState> {
  for (const deadline = Date.now() + 60_000; Date.now() < deadline; await delay(50)) {
    const state = readDevState(folder);
    if (state) return state;
  }
  throw new Error(`the demo has not started its parts: ${(await demo.ended).stderr}`);
}

describe("the demo", () => {
  it("promotes the better version, takes the worse one back, rejects the broken one, and leaves nothing", async () => {
    demo = startSluice(["demo", "--exit", "--json"], folder);
    const { pids } = await parts();
    const processes = Object.values(pids).map((pid) => identifyProcess(pid)!);
    expect(processes.filter(isRunning)).toHaveLength(4);

    const { code, stdout, stderr } = await demo.ended;
    expect(code, stderr).toBe(0);
    const told = JSON.parse(stdout) as Told;
    expect(told.asExpected).toBe(true);
    expect(told.rollouts.map(({ candidate, outcome }) => [candidate, outcome])).toEqual([
      ["support-reply@1", "promoted"],
      ["support-reply@2", "promoted"],
      ["support-reply@3", "rolled_back"],
      ["support-reply@4", "rejected"],
    ]);

    const [first, better, worse, broken] = told.rollouts;
    expect(first!.reason).toBe("first_version");
    // Through all its stages, each metric with its interval.
    // 14 cases cannot exclude a small fall, so what looks fine goes on to its users.
    const fine = { verdict: "insufficient", looks: "fine" };
    expect(better).toMatchObject({ baseline: "support-reply@1", stage: 3, gate: fine });
    expect(better!.units.candidate).toBeGreaterThan(100);
    const intervals = better!.evidence.filter(({ ci }) => ci !== null).map(({ metric }) => metric);
    expect(intervals).toEqual(expect.arrayContaining(["rating", "latency_ms", "error"]));
    // It looked as fine at its gate: what took it back is what its users made of it.
    expect(worse).toMatchObject({ baseline: "support-reply@2", gate: fine });
    expect(worse!.reason).toContain("rating is worse");
    expect(broken).toMatchObject({
      stage: 0,
      units: { candidate: 0, control: 0 },
      gate: { verdict: "fail" },
    });
    expect(told.traffic.errors).toBe(0);
    expect(new Set(told.rollouts.map(({ uiUrl }) => uiUrl)).size).toBe(4);

    expect(processes.filter(isRunning)).toEqual([]);
    expect(readDevState(folder)).toBeUndefined();
    expect(readdirSync(join(folder, ".sluice", "demo"))).toEqual([]);
  });

  it("ends in order when it is interrupted", { tags: "long" }, async () => {
    demo = startSluice(["demo"], folder);
    const { pids } = await parts();
    const processes = Object.values(pids).map((pid) => identifyProcess(pid)!);
    demo.kill("SIGINT");
    const { code, stderr } = await demo.ended;
    expect(code).toBe(130);
    expect(stderr).not.toContain("sluice:");
    expect(processes.filter(isRunning)).toEqual([]);
    expect(readdirSync(join(folder, ".sluice", "demo"))).toEqual([]);
  });
});

import { randomUUID } from "node:crypto";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Artifact } from "../../../src/domain/prompt/artifact.ts";
import { scopeColumns, type Scope, type ScopeColumns } from "../../../src/domain/scope.ts";
import { digestJson } from "../../../src/digest.ts";
import type { RecordBatch, Source } from "../../../src/resolver/index.ts";
import { artifact } from "./artifacts.ts";
import { eventually } from "./eventually.ts";

/** A source under test, and a way to change what stands behind it. */
export interface SourceUnderTest {
  readonly source: Source;
  addVersion(prompt: string, artifact: Artifact): Promise<string>;
  /** A rollout of this candidate whose epoch 1 is on. */
  addRollout(prompt: string, candidate: string, baseline: string): Promise<string>;
  /** Moves the pointer and tells of it, in one step. */
  movePointer(
    scope: Scope,
    pointer: {
      active?: string | null;
      candidate?: string | null;
      previous?: string | null;
      mode?: "canary" | "holdback" | null;
      share?: number;
      salt?: string;
      epoch?: number;
      rolloutId?: string | null;
      leaseMs?: number;
    },
  ): Promise<void>;
  close(): Promise<void>;
}

const SCOPE = { label: "production", prompt: "greeting" };

/** What every source has to do, whatever stands behind it. */
export function describeSource(name: string, open: () => Promise<SourceUnderTest>): void {
  describe(`${name}, as a source`, () => {
    let test: SourceUnderTest;
    let source: Source;
    let one: string;
    let two: string;

    beforeEach(async () => {
      test = await open();
      ({ source } = test);
      one = await test.addVersion("greeting", artifact("Hello"));
      two = await test.addVersion("greeting", artifact("Good day", { params: { temperature: 0.2 } }));
    });
    afterEach(async () => {
      await source.close();
      await test.close();
    });

    const read = (scopes: readonly Scope[], have: string[] = []) =>
      source.read({ scopes: scopes.map(scopeColumns), have });

    it("answers with the pointers there are, and the versions they serve", async () => {
      await test.movePointer(SCOPE, { active: one });
      const answer = await read([SCOPE, { ...SCOPE, tenant: "acme" }]);
      expect(answer).toEqual({
        pointers: [
          {
            ...scopeColumns(SCOPE),
            activeVersion: one,
            previousVersion: null,
            candidateVersion: null,
            mode: null,
            share: 0,
            salt: "",
            epoch: 0,
            rolloutId: null,
            leaseMs: 0,
            revision: 1,
          },
        ],
        versions: [
          {
            id: one,
            prompt: "greeting",
            number: 1,
            sha256: digestJson(artifact("Hello")),
            artifact: artifact("Hello"),
          },
        ],
      });
    });

    it("gives artifacts back so that their hash is what it was", async () => {
      const odd = artifact('日本 \u2028 "quoted" \\ é 👋', {
        params: { temperature: 0.1, top_p: 1e-7, seed: 9007199254740991, nested: { b: [], a: null } },
      });
      await test.movePointer(SCOPE, { active: await test.addVersion("greeting", odd) });
      const { versions } = await read([SCOPE]);
      expect(digestJson(versions[0]!.artifact)).toBe(versions[0]!.sha256);
    });

    it("leaves out the versions that the asker has", async () => {
      await test.movePointer(SCOPE, { active: one });
      expect(await read([SCOPE], [one])).toMatchObject({ pointers: [{ activeVersion: one }], versions: [] });
    });

    it("answers nothing when nothing is asked", async () => {
      expect(await read([])).toEqual({ pointers: [], versions: [] });
    });

    it("says all of a canary, and what is left of its lease", async () => {
      const rolloutId = await test.addRollout("greeting", two, one);
      const canary = {
        mode: "canary",
        share: 500,
        salt: "salt",
        epoch: 1,
        rolloutId,
        leaseMs: 60_000,
      } as const;
      await test.movePointer(SCOPE, { active: one, candidate: two, ...canary });
      const { pointers, versions } = await read([SCOPE]);
      expect(pointers[0]).toMatchObject({
        candidateVersion: two,
        mode: "canary",
        share: 500,
        salt: "salt",
        epoch: 1,
        rolloutId,
      });
      expect(pointers[0]!.leaseMs).toBeGreaterThan(30_000);
      expect(pointers[0]!.leaseMs).toBeLessThanOrEqual(60_000);
      expect(versions.map(({ id }) => id).toSorted()).toEqual([one, two].toSorted());
    });

    it("says zero of a lease that has run out", async () => {
      const rolloutId = await test.addRollout("greeting", two, one);
      await test.movePointer(SCOPE, {
        active: one,
        candidate: two,
        mode: "canary",
        share: 500,
        rolloutId,
        leaseMs: 0,
      });
      expect((await read([SCOPE])).pointers[0]!.leaseMs).toBe(0);
    });

    it("gives the version before along with a holdback", async () => {
      const rolloutId = await test.addRollout("greeting", two, one);
      const holdback = { mode: "holdback", share: 500, epoch: 1, rolloutId, leaseMs: 60_000 } as const;
      await test.movePointer(SCOPE, { active: two, candidate: two, previous: one, ...holdback });
      expect((await read([SCOPE])).versions.map(({ id }) => id).toSorted()).toEqual([one, two].toSorted());
    });

    it("finds a version by number and by id, and none where there is none", async () => {
      expect(await source.readVersion({ prompt: "greeting", number: 2 })).toMatchObject({ id: two });
      expect(await source.readVersion({ id: two })).toMatchObject({ prompt: "greeting", number: 2 });
      for (const number of [3, 2_147_483_648, 3_000_000_000, Number.MAX_SAFE_INTEGER])
        expect(await source.readVersion({ prompt: "greeting", number })).toBeUndefined();
      expect(await source.readVersion({ id: randomUUID() })).toBeUndefined();
    });

    it("takes a scope's parts as they are, whatever is in them", async () => {
      for (const tenant of ["__proto__", "a'b\"c", "日本", "a/b?c=d&e", " "]) {
        await test.movePointer({ ...SCOPE, tenant }, { active: one });
        expect((await read([{ ...SCOPE, tenant }])).pointers).toMatchObject([{ tenant, activeVersion: one }]);
      }
    });

    it("says that it is connected, and then which pointers move", async () => {
      const moved: (ScopeColumns | undefined)[] = [];
      let connected = 0;
      source.watch({
        moved: (scope) => moved.push(scope),
        connected: () => connected++,
        disconnected: () => undefined,
      });
      await eventually("it is connected", () => connected > 0);
      await test.movePointer({ ...SCOPE, tenant: "acme" }, { active: one });
      await eventually("the move is heard", () => moved.length > 0);
      expect(moved[0]).toMatchObject({ label: "production", prompt: "greeting", model: "", tenant: "acme" });
    });

    it("stores a batch once, however often it is sent", async () => {
      const rolloutId = await test.addRollout("greeting", two, one);
      const unit = "ab".repeat(32);
      const batch: RecordBatch = {
        exposures: [{ rollout: rolloutId, unit, arm: "candidate", epoch: 1 }],
        outcomes: [
          {
            id: randomUUID(),
            version: two,
            rollout: rolloutId,
            unit,
            label: "production",
            model: "",
            tenant: "",
            metrics: { rating: 5 },
          },
        ],
      };
      expect(await source.record(JSON.stringify(batch))).toMatchObject({ outcomes: 1 });
      expect(await source.record(JSON.stringify(batch))).toMatchObject({ outcomes: 0 });
    });

    it("knows a resolver that has said what it serves, until it says that it is closed", async () => {
      // A source may keep no fleet at all.
      if (!source.reportServing) return expect(name).toBe("memory");
      const self = { id: randomUUID(), host: "here", pid: 1, sdkVersion: "0.1.0", label: "production" };
      const say = (more: object) =>
        source.reportServing!(JSON.stringify({ ...self, closed: false, dropped: [], ...more }));
      const serves = [{ ...scopeColumns(SCOPE), revision: 1 }];
      expect(await say({ whole: false, serves })).toBe(false);
      expect(await say({ whole: true, serves })).toBe(true);
      expect(await say({ whole: false, serves: [] })).toBe(true);
      await say({ whole: false, closed: true, serves: [] });
      expect(await say({ whole: false, serves: [] })).toBe(false);
      return undefined;
    });

    it("tells what endpoints fail, and lets one try when their time is up", async () => {
      const nothing = { opened: [], closed: [], probes: [] };
      // Without such a place every process finds out by itself.
      if (!(await source.exchangeCircuits?.(nothing))) return expect(["memory", "a server"]).toContain(name);
      const gone = { provider: "openai", endpoint: `https://${randomUUID()}.test/v1`, model: null };
      const exchange = async (told: object) => {
        const { open: all, granted } = (await source.exchangeCircuits!({ ...nothing, ...told }))!;
        return { open: all.filter(({ endpoint }) => endpoint === gone.endpoint), granted };
      };
      const open = { ...gone, openMs: 600_000, reason: "connection" };
      const [held] = (await exchange({ opened: [open, { ...open, model: "m", openMs: 0 }] })).open;
      expect(held).toMatchObject({ ...gone, reason: "connection" });
      // Nobody holds others back for longer than a minute.
      expect(held!.openMs).toBeGreaterThan(50_000);
      expect(held!.openMs).toBeLessThanOrEqual(60_000);
      const probes = [gone, { ...gone, model: "m" }];
      expect((await exchange({ probes })).granted).toEqual([{ ...gone, model: "m" }]);
      expect((await exchange({ probes })).granted).toEqual([]);
      expect((await exchange({ closed: [{ ...gone, model: "m" }] })).open).toMatchObject([{ model: null }]);
      expect((await exchange({ closed: [gone] })).open).toEqual([]);
      return undefined;
    });

    it("tells which budgets of the day are spent, where it can", async () => {
      const spent = await source.readSpentBudgets?.();
      expect(spent).toEqual(["memory", "a server"].includes(name) ? undefined : []);
    });

    it("refuses for good what it can never store", async () => {
      const outcome = { id: "no uuid", version: one, metrics: {} };
      const batch = JSON.stringify({ exposures: [], outcomes: [outcome] });
      await expect(source.record(batch)).rejects.toMatchObject({ name: "BatchRefused" });
    });
  });
}

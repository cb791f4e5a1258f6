import { describe, expect, it } from "vitest";
import { scopeColumns } from "../../../src/domain/scope.ts";
import { MemorySource } from "../../../src/resolver/index.ts";
import { LastKnown } from "../../../src/server/relay/keeping/last-known.ts";
import { UpstreamSource } from "../../../src/server/relay/upstream-source.ts";
import { artifact } from "../../resolver/support/artifacts.ts";

const SCOPE = { label: "production", prompt: "greeting" };
const QUERY = { scopes: [scopeColumns(SCOPE)], have: [] };

function open() {
  const store = new MemorySource();
  const watching: unknown[] = [];
  const asked: (readonly string[])[] = [];
  const source = new UpstreamSource(
    {
      name: store.name,
      read: (query) => (asked.push(query.have), store.read(query)),
      readVersion: (which) => store.readVersion(which),
      reportServing: () => Promise.resolve(true),
      exchangeCircuits: () => Promise.resolve(undefined),
      readSpentBudgets: () => Promise.resolve(undefined),
      reportCallers: () => Promise.resolve(true),
      watch: (listener) => (watching.push(listener), store.watch(listener)),
      close: () => store.close(),
    },
    new LastKnown(),
    { record: (batch) => store.record(batch), onAway: () => undefined },
  );
  return { store, source, watching, asked };
}

describe("a relay's server", () => {
  it("is watched once, asked once for all who ask together, and never again for a version that is here", async () => {
    const { store, source, watching, asked } = open();
    const active = store.addVersion("greeting", artifact("hello"));
    store.setPointer(SCOPE, { active });
    let moves = 0;
    for (let i = 0; i < 100; i++)
      source.watch({ moved: () => moves++, connected: () => undefined, disconnected: () => undefined });
    const answers = await Promise.all(Array.from({ length: 100 }, () => source.read(QUERY)));
    expect(answers.every(({ versions }) => versions[0]?.id === active)).toBe(true);
    expect((await source.read(QUERY)).versions).toMatchObject([{ id: active }]);
    expect((await source.read({ ...QUERY, have: [active] })).versions).toEqual([]);
    expect([watching.length, source.reads]).toEqual([1, 3]);
    expect(asked).toEqual([[], [active], [active]]);
    store.setPointer(SCOPE, { active });
    expect(moves).toBe(100);
  });

  it("is answered for while it is away, with the age of the answer, and what is left of the lease", async () => {
    const { store, source } = open();
    const [active, candidate] = ["one", "two"].map((text) => store.addVersion("greeting", artifact(text)));
    store.setPointer(SCOPE, {
      active: active!,
      candidate: candidate!,
      mode: "canary",
      share: 500,
      leaseMs: 60_000,
    });
    const fresh = await source.read(QUERY);
    expect(fresh.ageMs).toBeUndefined();
    store.disconnect();
    const last = await source.read(QUERY);
    expect(last).toMatchObject({ pointers: [{ activeVersion: active, candidateVersion: candidate }] });
    expect(last.ageMs).toBeGreaterThanOrEqual(0);
    expect(last.pointers[0]!.leaseMs).toBeLessThanOrEqual(fresh.pointers[0]!.leaseMs);
    // Of a tenant that nobody has asked about, the prompt's own pointer is served.
    const tenant = { scopes: [scopeColumns({ ...SCOPE, tenant: "acme" }), ...QUERY.scopes], have: [] };
    expect((await source.read(tenant)).pointers).toHaveLength(1);
    await expect(
      source.read({ scopes: [scopeColumns({ ...SCOPE, prompt: "other" })], have: [] }),
    ).rejects.toThrow("cannot be reached");
    store.reconnect();
    expect((await source.read(QUERY)).ageMs).toBeUndefined();
  });
});

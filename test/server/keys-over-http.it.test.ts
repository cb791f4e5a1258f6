import { afterAll, beforeAll, describe, expect, it } from "vitest";
import fc from "fast-check";
import { sql } from "kysely";
import { coversGrants, type Grants } from "../../src/domain/access/grants.ts";
import { readAudit } from "../../src/storage/read/audit.ts";
import { eventually } from "../resolver/support/eventually.ts";
import { call } from "./support/checked-call.ts";
import { openServer, type ServerBench } from "./support/server-bench.ts";

let bench: ServerBench;
let admin: string;
beforeAll(async () => {
  bench = await openServer({ limits: { write: 1_000, read: 1_000 } });
  admin = await bench.key({ role: "admin", owner: "bea", name: "admin" });
});
afterAll(() => bench.close());

const idOf = (key: string) => key.slice(4, 16);
const create = (body: object, key = admin) => call(bench.server.url, "POST /v1/keys", { key, body });
const rotate = (id: string, body: object = {}, key = admin) =>
  call(bench.server.url, `POST /v1/keys/${id}/rotation`, { key, body });
const revoke = (id: string, key = admin) => call(bench.server.url, `DELETE /v1/keys/${id}`, { key });
const list = async (key = admin, query = "") =>
  (await call(bench.server.url, `GET /v1/keys${query}`, { key })).body.items;
const me = (key: string) => call(bench.server.url, "GET /v1/me", { key });

describe("a key over HTTP", () => {
  it("is made, works, is told once, and is audited under the owner of the key that made it", async () => {
    const grants = { labels: ["staging"], prompts: ["support/"] };
    const { status, body } = await create({ name: "ci", role: "editor", grants, owner: "ed" });
    expect(status).toBe(201);
    expect(body).toMatchObject({ name: "ci", role: "editor", grants, owner: "ed" });
    expect((await me(body.key)).body).toMatchObject({ id: body.id, owner: "ed", role: "editor", grants });
    const listed = (await list()).find(({ id }: { id: string }) => id === body.id);
    expect(listed).toMatchObject({ name: "ci", state: "good", createdBy: "bea", replacedBy: null });
    // 90 days, as for every key that a person carries.
    expect(Date.parse(listed.expiresAt) - Date.parse(listed.createdAt)).toBeCloseTo(90 * 86_400_000, -5);
    const kept = JSON.stringify(
      await bench.store.query("select * from sluice.keys, sluice.operations, sluice.audit"),
    );
    for (const text of [kept, JSON.stringify(await list()), bench.log.join("\n")])
      expect(text).not.toContain(body.key.slice(17));
    expect((await readAudit(bench.db, { limit: 1 }))[0]).toMatchObject({
      action: "key_created",
      principal: { kind: "key", name: "bea" },
      details: { key: body.id, name: "ci", role: "editor" },
    });
  });

  it("of a service does not end by itself, and is that of whoever made it unless told", async () => {
    const { body } = await create({ name: "checkout", role: "resolver" });
    expect(body.owner).toBe("bea");
    expect((await list()).find(({ id }: { id: string }) => id === body.id)).toMatchObject({
      expiresAt: null,
    });
  });

  it("is rotated: both are good for the overlap, and then the new one alone", async () => {
    const { body: old } = await create({
      name: "service",
      role: "resolver",
      grants: { labels: ["staging"] },
    });
    const { status, body: fresh } = await rotate(old.id);
    expect(status).toBe(201);
    expect(fresh).toMatchObject({ name: "service", role: "resolver", grants: { labels: ["staging"] } });
    for (const key of [old.key, fresh.key]) expect((await me(key)).status).toBe(200);
    expect(await rotate(old.id)).toMatchObject({
      status: 409,
      body: { error: { details: { replacedBy: fresh.id } } },
    });
    const { body: third } = await rotate(fresh.id, { overlapMs: 0 });
    await eventually("the old one is refused", async () => (await me(fresh.key)).status === 401);
    expect((await me(third.key)).status).toBe(200);
  });

  it("is revoked once, and refused at once", async () => {
    const { body } = await create({ name: "lost", role: "viewer" });
    expect((await me(body.key)).status).toBe(200);
    expect(await revoke(body.id)).toMatchObject({ status: 200, body: { id: body.id, changed: true } });
    await eventually("it is refused", async () => (await me(body.key)).status === 401);
    expect((await revoke(body.id)).body).toMatchObject({ changed: false });
    expect((await list()).some(({ id }: { id: string }) => id === body.id)).toBe(false);
    expect((await list(admin, "?all=true")).find(({ id }: { id: string }) => id === body.id)).toMatchObject({
      state: "revoked",
    });
    expect((await rotate(body.id)).status).toBe(409);
  });

  it.each([
    { name: "", role: "viewer" },
    { name: "x", role: "owner" },
    { name: "x", role: "viewer", grants: { labels: ["no label"] } },
    { name: "x", role: "viewer", grants: { everything: true } },
    { name: "x", role: "viewer", grants: { prompts: ["../"] } },
    { name: "x", role: "viewer", owner: " " },
    { name: "x", role: "viewer", expiresInMs: 0 },
    { name: "x", role: "viewer", secret: "mine" },
  ])("is not made of %j", async (body) => {
    const before = (await list(admin, "?all=true")).length;
    expect((await create(body)).status).toBe(400);
    expect((await list(admin, "?all=true")).length).toBe(before);
  });

  it("is named by its id alone: a whole key in an address is refused, and not repeated", async () => {
    const key = await bench.key();
    for (const called of [await revoke(key), await rotate(key)]) {
      expect(called.status).toBe(400);
      expect(JSON.stringify(called.body)).not.toContain(key.slice(17));
    }
    expect((await revoke("a".repeat(12))).status).toBe(404);
  });
});

describe("an admin for a part", () => {
  const PART = { labels: ["staging"], prompts: ["support/"], tenants: ["acme"] };
  let part: string;
  beforeAll(async () => {
    part = await bench.key({ role: "admin", grants: PART, owner: "pat" });
  });

  it.each([
    {},
    { labels: ["staging"], prompts: ["support/"] },
    { ...PART, labels: ["staging", "production"] },
    { ...PART, prompts: ["support"] },
    { ...PART, prompts: ["s/"] },
    { ...PART, tenants: ["acme", "globex"] },
  ])("grants nothing beyond it: %j", async (grants) => {
    expect(await create({ name: "more", role: "viewer", grants }, part)).toMatchObject({
      status: 403,
      body: { error: { details: { grants: PART } } },
    });
    expect((await list(admin)).some(({ name }: { name: string }) => name === "more")).toBe(false);
  });

  it("makes keys for a part of it, and knows of no others", async () => {
    const grants = { ...PART, prompts: ["support/reply"] };
    const { body } = await create({ name: "less", role: "admin", grants }, part);
    const other = idOf(await bench.key({ role: "viewer" }));
    const named = (await list(part)).map(({ id }: { id: string }) => id);
    expect(named).toEqual(expect.arrayContaining([body.id, idOf(part)]));
    expect(named).not.toContain(other);
    // Rotating it would give its rights away.
    expect((await rotate(other, {}, part)).status).toBe(404);
    expect((await revoke(other, part)).status).toBe(404);
    expect((await revoke(body.id, part)).body).toMatchObject({ changed: true });
  });
});

describe("Postgres itself", () => {
  const row = {
    id: "a".repeat(12),
    name: "made up",
    role: "admin",
    grants: {},
    owner: "eve",
    expiresInMs: null,
  };

  it("makes, lists and ends keys for nobody who has not shown the key of an admin", async () => {
    const before = (await list(admin, "?all=true")).length;
    for (const statement of [
      sql`select sluice.create_key(${JSON.stringify(row)}::jsonb, ${Buffer.alloc(32)})`,
      sql`select sluice.list_keys()`,
      sql`select sluice.end_key(${idOf(admin)}, null, null)`,
      sql`select sluice.acting_admin()`,
    ])
      await expect(statement.execute(bench.db)).rejects.toMatchObject({ code: "42501" });
    expect((await list(admin, "?all=true")).length).toBe(before);
  });

  it("says of grants what the server says of them", async () => {
    const names = fc.constantFrom("a", "a/", "a/b", "a/b/", "b", "ab");
    const some = fc.option(fc.array(names, { maxLength: 3 }), { nil: undefined });
    const grants = fc
      .record({ labels: some, prompts: some, tenants: some })
      .map((given) => JSON.parse(JSON.stringify(given)) as Grants);
    await fc.assert(
      fc.asyncProperty(grants, grants, async (wider, narrower) => {
        const { rows } = await sql<{ covers: boolean }>`
          select sluice.covers_grants(${JSON.stringify(wider)}::jsonb, ${JSON.stringify(narrower)}::jsonb) as covers`.execute(
          bench.db,
        );
        expect(rows[0]!.covers).toBe(coversGrants(wider, narrower));
      }),
      { numRuns: 300 },
    );
  });
});

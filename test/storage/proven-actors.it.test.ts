import { randomUUID } from "node:crypto";
import { sql } from "kysely";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { makeKey, readKey, type KeyProof } from "../../src/access/key-text.ts";
import { actingAs } from "../../src/storage/acting-database.ts";
import { openDatabase, type Database } from "../../src/storage/database.ts";
import { grantRoles, ROLE_KINDS } from "../../src/storage/role-grants.ts";
import { readAudit } from "../../src/storage/read/audit.ts";
import { verifyAudit } from "../../src/storage/read/verify-audit.ts";
import { transact } from "../../src/storage/transact.ts";
import { createKey } from "../../src/use-cases/create-key.ts";
import { withdrawKey } from "../../src/use-cases/withdraw-key.ts";
import { createTestDatabase, type TestDatabase } from "../support/database.ts";

/** A login that may do what a server's may, and runs whatever SQL it likes. */
describe("who an audit entry names", () => {
  const prefix = `sluice_${randomUUID().slice(0, 8)}_`;
  const login = `${prefix}server`;
  let database: TestDatabase;
  let owner: Database;
  let server: Database;
  let client: pg.Client;
  let key: KeyProof;
  beforeAll(async () => {
    database = await createTestDatabase();
    owner = openDatabase(database.url, { max: 2 });
    await sql`insert into sluice.prompts (name) values ('p')`.execute(owner);
    await sql`insert into sluice.audit (prompt, action) values ('p', 'before')`.execute(owner);
    await grantRoles(owner, prefix);
    await sql.raw(`alter role ${login} password 'secret'`).execute(owner);
    const url = new URL(database.url);
    url.username = login;
    url.password = "secret";
    server = openDatabase(url.href, { max: 1 });
    client = new pg.Client(url.href);
    await client.connect();
    key = readKey(
      (await createKey(owner, { name: "ci", role: "releaser", grants: {}, owner: "maria" })).key,
    )!;
  });
  afterAll(async () => {
    await client.end();
    await server.destroy();
    for (const kind of ROLE_KINDS)
      await sql.raw(`drop owned by ${prefix}${kind}; drop role ${prefix}${kind}`).execute(owner);
    await owner.destroy();
    await database.drop();
  });

  const entry = (db: Database) =>
    transact(db, (t) => sql`insert into sluice.audit (prompt, action) values ('p', 'x')`.execute(t));
  const newest = async () => (await readAudit(owner, { prompt: "p", limit: 1 }))[0]!.principal;
  /** What plain SQL of the server's login comes to, each statement in a transaction of its own. */
  async function says(statement: string): Promise<string> {
    try {
      await client.query(statement);
      return "done";
    } catch (error) {
      await client.query("rollback");
      return (error as Error).message;
    }
  }

  it("names nobody where nobody showed a key", async () => {
    await entry(server);
    expect(await newest()).toBeNull();
  });

  it("names the key's owner in a transaction that showed it, through whichever login", async () => {
    await entry(actingAs(server, key));
    expect(await newest()).toEqual({ kind: "key", id: key.id, name: "maria", by: login });
  });

  it("names nobody in the next transaction of the same connection", async () => {
    await entry(actingAs(server, key));
    await entry(server);
    expect(await newest()).toBeNull();
  });

  it("names the key in the second attempt at a transaction too", async () => {
    let attempts = 0;
    await transact(actingAs(server, key), async (t) => {
      await sql`insert into sluice.audit (prompt, action) values ('p', 'again')`.execute(t);
      if (attempts++ === 0) throw Object.assign(new Error("serialisation"), { code: "40001" });
    });
    expect(attempts).toBe(2);
    expect(await newest()).toMatchObject({ id: key.id });
  });

  it("cannot be forged by a login that runs any SQL it likes", async () => {
    const forged = `'{"kind":"key","id":"root"}'`;
    const insert = "insert into sluice.audit (prompt, action, principal) values ('p', 'x', " + forged + ")";
    await says(insert);
    expect(await newest()).toBeNull();
    await says(`begin; select set_config('sluice.principal', 'root', true); ${insert}; commit`);
    expect(await newest()).toBeNull();
    for (const statement of [
      `insert into sluice.acting values (pg_backend_pid(), pg_current_xact_id(), ${forged})`,
      "update sluice.acting set principal = '{}'",
      "select * from sluice.acting",
      "select proof_sha256 from sluice.keys",
      `insert into sluice.keys (id, proof_sha256, name, role, owner) values ('a', '', '', 'admin', 'root')`,
    ])
      expect(await says(statement), statement).toMatch(/permission denied/);
    expect(await says(`select sluice.act_as('${key.id}', 'nope')`)).toMatch(/no such key/);
  });

  it("is refused, and nothing is begun, for a key that is wrong, or no longer good", async () => {
    const wrong = { id: key.id, proof: makeKey().proof };
    await expect(entry(actingAs(server, wrong))).rejects.toMatchObject({ code: "forbidden" });
    const revoked = readKey(
      (await createKey(owner, { name: "old", role: "editor", grants: {}, owner: "bob" })).key,
    )!;
    await withdrawKey(owner, revoked.id);
    await expect(entry(actingAs(server, revoked))).rejects.toMatchObject({ code: "forbidden" });
    // The only connection of the pool is as good as before.
    await entry(server);
    expect(await newest()).toBeNull();
  });

  it("is part of what the chain proves, among entries that name nobody", async () => {
    await entry(actingAs(server, key));
    await entry(server);
    expect(await verifyAudit(owner)).toMatchObject({ ok: true });
    await sql`alter table sluice.audit disable trigger audit_never_changes`.execute(owner);
    await sql`update sluice.audit set principal = principal || '{"name": "bob"}'
      where seq = (select max(seq) from sluice.audit where principal is not null)`.execute(owner);
    expect(await verifyAudit(owner)).toMatchObject({ ok: false, broken: [{ prompt: "p" }] });
  });
});

import { randomUUID } from "node:crypto";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { scopeColumns } from "../../src/domain/scope.ts";
import { unitDigest } from "../../src/digest.ts";
import { createResolver } from "../../src/resolver/index.ts";
import { openDatabase, type Database } from "../../src/storage/database.ts";
import { listCallers } from "../../src/storage/read/callers.ts";
import { listFleet } from "../../src/storage/read/fleet.ts";
import { grantRoles, ROLE_KINDS } from "../../src/storage/role-grants.ts";
import { setPointerByHand } from "../../src/use-cases/set-pointer.ts";
import { artifact } from "../resolver/support/artifacts.ts";
import { eventually } from "../resolver/support/eventually.ts";
import { openStore, type Store } from "../resolver/support/store.ts";

const PROMPT = "private";
const TENANTS = ["acme", "Beta & Söhne's"] as const;
const [ACME, BETA] = TENANTS;
const DENIED = /permission denied/;

/** Version 1 is live for everybody, 2 for the first tenant, 3 for the second. */
describe("a login of one tenant's services", () => {
  const prefix = `sluice_${randomUUID().slice(0, 8)}_`;
  let store: Store;
  let owner: Database;
  let admin: pg.Client;
  let logins: string[];
  const rollouts = new Map<string, string>();
  beforeAll(async () => {
    store = await openStore();
    owner = openDatabase(store.url, { max: 1 });
    admin = new pg.Client(store.url);
    await admin.connect();
    const made = await grantRoles(owner, prefix, TENANTS);
    logins = made.flatMap(({ name, tenant }) => (tenant === undefined ? [] : [name]));
    for (const { name } of made) await admin.query(`alter role ${name} password 'secret'`);
    const versions: string[] = [];
    for (const text of ["one", "two", "three"]) versions.push(await store.addVersion(PROMPT, artifact(text)));
    for (const [index, tenant] of ["", ...TENANTS].entries()) {
      await setPointerByHand(owner, {
        scope: scopeColumns({ label: "production", prompt: PROMPT, tenant }),
        version: { prompt: PROMPT, number: index + 1 },
        expectedRevision: 0,
        reason: "by hand",
        force: true,
        by: null,
      });
      const id = randomUUID();
      rollouts.set(tenant, id);
      await admin.query(
        `insert into sluice.documents (sha256, kind, name, body) values (repeat('0', 64), 'policy', 'p', '{}') on conflict do nothing`,
      );
      await admin.query(
        `insert into sluice.rollouts (id, workflow_id, request_id, label, prompt, tenant, candidate_version,
           baseline_version, policy_sha256, policy, decision_version, salt, phase)
         values ($1, $2, $2, 'production', $3, $4, $5, $6, repeat('0', 64), '{}', '3', $2, 'canary')`,
        [id, id, PROMPT, tenant, versions[index], versions[0]],
      );
      await admin.query(
        "insert into sluice.rollout_epochs (rollout_id, epoch, stage, mode, share) values ($1, 1, 0, 'canary', 500)",
        [id],
      );
    }
  });
  afterAll(async () => {
    for (const name of [...logins, ...ROLE_KINDS.map((kind) => `${prefix}${kind}`)])
      await admin.query(`drop owned by ${name}; drop role ${name}`);
    await admin.end();
    await owner.destroy();
    await store.close();
  });

  function address(name: string): string {
    const url = new URL(store.url);
    url.username = name;
    url.password = "secret";
    return url.href;
  }
  /** The values of the last statement's first column; what is refused throws. */
  async function asked(name: string, ...statements: readonly string[]): Promise<unknown[]> {
    const client = new pg.Client(address(name));
    await client.connect();
    try {
      let values: unknown[] = [];
      for (const text of statements)
        values = (await client.query({ text, rowMode: "array" })).rows.map(([value]) => value);
      return values;
    } finally {
      await client.end();
    }
  }
  const SEEN = 'select tenant from sluice.pointers order by tenant collate "C"';
  const NUMBERS = "select number from sluice.versions order by number";

  it("sees what is live for its tenant and for everybody, whatever it calls itself, and nothing else", async () => {
    const [acme, beta] = logins as [string, string];
    expect(await asked(acme, SEEN)).toEqual(["", ACME]);
    expect(await asked(acme, NUMBERS)).toEqual([1, 2]);
    expect(await asked(beta, SEEN)).toEqual(["", BETA]);
    expect(await asked(beta, NUMBERS)).toEqual([1, 3]);
    // Without a tenant's own role there is no tenant.
    expect(await asked(`${prefix}tenant`, SEEN)).toEqual([""]);
    expect(await asked(`${prefix}service`, SEEN)).toEqual(["", BETA, ACME].toSorted());
    expect(await asked(acme, `set role ${prefix}tenant`, SEEN)).toEqual(["", ACME]);
    for (const statement of [
      `set role ${beta}`,
      `set session authorization ${beta}`,
      `insert into sluice.tenant_roles values ('${acme}_', 'x')`,
      "update sluice.tenant_roles set tenant = 'x'",
      "alter table sluice.pointers disable row level security",
    ])
      await expect(asked(acme, statement), statement).rejects.toThrow(/permission denied|must be owner/);
    await expect(asked(acme, "set row_security = off", SEEN)).rejects.toThrow(/row-level security/);
  });

  it("may read no other table, and call nothing with its owner's rights but what a service calls", async () => {
    const [acme] = logins as [string];
    const { rows: tables } = await admin.query(
      "select tablename as name from pg_tables where schemaname = 'sluice' and tablename not in ('pointers', 'versions')",
    );
    expect(tables.length).toBeGreaterThan(40);
    for (const { name } of tables)
      await expect(asked(acme, `select from sluice.${name}`), name).rejects.toThrow(DENIED);
    const callable = async (login: string) => {
      const { rows } = await admin.query(
        `select proname as name from pg_proc where pronamespace = 'sluice'::regnamespace and prosecdef
           and prorettype <> 'trigger'::regtype and has_function_privilege($1, oid, 'execute') order by 1`,
        [login],
      );
      return rows.map(({ name }) => name);
    };
    const ofServices = [
      "acting_principal",
      "record_batch",
      "report_callers",
      "report_serving",
      "spent_budgets",
    ];
    expect(await callable(acme)).toEqual([...ofServices, "tenants_of_login"]);
    expect(await callable(`${prefix}service`)).toEqual([
      "acting_principal",
      "exchange_circuits",
      "record_batch",
      "report_callers",
      "report_serving",
      "spent_budgets",
    ]);
  });

  it("hears which budgets are spent, its own and those of all, without what all have spent", async () => {
    const [acme] = logins as [string];
    for (const tenant of ["", ...TENANTS])
      await admin.query(
        `insert into sluice.monitors (prompt, label, tenant, name, spec) values ($1, 'production', $2, 'cost',
           '{"kind": "cost", "per_day_usd": 1, "at": [1], "stop": true}')`,
        [PROMPT, tenant],
      );
    await admin.query(
      `insert into sluice.usage (version_id, label, model, tenant, hour, metric, n, mean, m2)
       select id, 'production', '', t, clock_timestamp() + interval '1 day', 'cost_usd', 1, 3, 0
       from sluice.versions, unnest($1::text[]) t where number = 1`,
      [TENANTS],
    );
    const heard = async (login: string) => {
      const [spent] = await asked(login, "select sluice.spent_budgets()");
      return (spent as { tenant: string; spentUsd: number }[]).map(({ tenant, spentUsd }) => [
        tenant,
        spentUsd,
      ]);
    };
    expect(await heard(acme)).toEqual([
      ["", 1],
      [ACME, 3],
    ]);
    expect(await heard(`${prefix}service`)).toHaveLength(3);
    expect(await heard(`${prefix}service`)).toContainEqual(["", 6]);
    expect(await heard(`${prefix}tenant`)).toEqual([["", 1]]);
    for (const table of ["monitors", "usage"]) await admin.query(`delete from sluice.${table}`);
  });

  it("serves and records as any service does, and is told where it speaks of another tenant", async () => {
    const warnings: string[] = [];
    const resolver = await createResolver({
      source: address(logins[0]!),
      onWarning: ({ code }) => warnings.push(code),
    });
    try {
      const served = async (tenant: string) => resolver.resolve({ prompt: PROMPT, tenant });
      expect(await served(ACME)).toMatchObject({ version: 2 });
      expect(await served(BETA)).toMatchObject({ version: 1 });
      expect(await resolver.resolve({ prompt: PROMPT, version: 3 })).toMatchObject({ source: "fallback" });
      for (const tenant of TENANTS) resolver.record(await served(tenant), { metrics: { rating: 4 } });
      await resolver.flush();
      expect(resolver.metrics().recorded.outcomes).toBe(1);
      expect(warnings).toContain("record_forbidden");
      const scope = (tenant: string) => scopeColumns({ label: "production", prompt: PROMPT, tenant });
      await eventually("it is listed", async () => (await listFleet(owner, scope(ACME))).length === 1);
    } finally {
      await resolver.close();
    }
    const { rows } = await admin.query("select distinct tenant from sluice.usage");
    expect(rows).toEqual([{ tenant: ACME }]);
  });

  it("records for its own rollouts and those of everybody, through the function that runs with its owner's rights", async () => {
    const [acme] = logins as [string];
    const items = ["", ...TENANTS].map((tenant, index) => ({
      exposure: { rollout: rollouts.get(tenant), unit: unitDigest(tenant, "u"), arm: "control", epoch: 1 },
      outcome: {
        id: randomUUID(),
        rollout: rollouts.get(tenant),
        unit: unitDigest(tenant, "u"),
        tenant: index === 0 ? ACME : tenant,
        metrics: { rating: 1 },
      },
    }));
    const { rows } = await admin.query("select id from sluice.versions where number = 1");
    const batch = {
      exposures: [
        ...items.map(({ exposure }) => exposure),
        { ...items[0]!.exposure, unit: unitDigest("", "other"), segments: { tenant: BETA } },
      ],
      outcomes: [
        ...items.map(({ outcome }) => ({ ...outcome, version: rows[0].id })),
        { id: randomUUID(), version: rows[0].id, metrics: { rating: 1 } },
      ],
    };
    const record = `select sluice.record_batch('${JSON.stringify(batch).replaceAll("'", "''")}')`;
    expect(await asked(acme, record)).toMatchObject([{ exposures: 2, outcomes: 2, forbidden: 4 }]);
    expect(await asked(`${prefix}tenant`, record)).toMatchObject([
      { exposures: 0, outcomes: 0, forbidden: 7 },
    ]);
    const exposed = await admin.query("select rollout_id from sluice.exposures order by 1");
    expect(new Set(exposed.rows.map((row) => row.rollout_id))).toEqual(
      new Set([rollouts.get(""), rollouts.get(ACME)]),
    );
    expect(await asked(`${prefix}service`, record)).not.toHaveProperty("0.forbidden");
  });

  it("says of no other tenant what it serves", async () => {
    const scope = { label: "production", prompt: PROMPT, model: "" };
    const says = {
      id: randomUUID(),
      host: "h",
      pid: 1,
      sdkVersion: "0.1.0",
      label: "production",
      whole: true,
      closed: false,
      serves: [ACME, BETA].map((tenant) => ({ ...scope, tenant, revision: 1 })),
      dropped: [],
    };
    await asked(logins[0]!, `select sluice.report_serving('${JSON.stringify(says).replaceAll("'", "''")}')`);
    expect(await listFleet(owner, { ...scope, tenant: ACME })).toHaveLength(1);
    expect(await listFleet(owner, { ...scope, tenant: BETA })).toEqual([]);
  });

  it("says what it sends of prompts that it can see, and whose word that is", async () => {
    const sent = (prompt: string) => ({ label: "production", prompt, calls: 1, values: [] });
    const report = { service: "web", tenants: BETA, sends: [sent(PROMPT), sent("unseen")] };
    await owner.insertInto("prompts").values({ name: "unseen" }).execute();
    await asked(
      logins[0]!,
      `select sluice.report_callers('${JSON.stringify(report).replaceAll("'", "''")}')`,
    );
    expect(await listCallers(owner, { prompt: PROMPT })).toMatchObject([{ service: "web", tenant: ACME }]);
    expect(await listCallers(owner, { prompt: PROMPT, seen: { tenants: [BETA] } })).toEqual([]);
    expect(await listCallers(owner, { prompt: "unseen" })).toEqual([]);
  });
});

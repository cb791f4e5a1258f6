import { randomUUID } from "node:crypto";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readPolicyFile } from "../../src/domain/policy/policy-file.ts";
import { scopeColumns, type ScopeColumns } from "../../src/domain/scope.ts";
import { createResolver } from "../../src/resolver/index.ts";
import { startServer } from "../../src/server/start-server.ts";
import { openDatabase, type Database } from "../../src/storage/database.ts";
import { grantRoles, ROLE_KINDS, type RoleKind } from "../../src/storage/role-grants.ts";
import { listFleet } from "../../src/storage/read/fleet.ts";
import { findPointer } from "../../src/storage/read/pointer.ts";
import { readRolloutEvidence } from "../../src/storage/read/rollout-evidence.ts";
import { verifyAudit } from "../../src/storage/read/verify-audit.ts";
import { transact } from "../../src/storage/transact.ts";
import { beginRollout } from "../../src/storage/write/begin-rollout.ts";
import { foldUnits } from "../../src/storage/write/fold-units.ts";
import { openStage } from "../../src/storage/write/open-stage.ts";
import { promoteCandidate } from "../../src/storage/write/promote-candidate.ts";
import { pushVersion } from "../../src/storage/write/push-version.ts";
import { saveAssessment } from "../../src/storage/write/save-assessment.ts";
import { storeDocument } from "../../src/storage/write/store-document.ts";
import { createKey } from "../../src/use-cases/create-key.ts";
import { forgetManifest } from "../../src/use-cases/forget-manifest.ts";
import { publish } from "../../src/use-cases/publish-manifest.ts";
import { nameAnchor } from "../../src/use-cases/name-anchor.ts";
import { rollBack } from "../../src/use-cases/roll-back.ts";
import { setPointerByHand } from "../../src/use-cases/set-pointer.ts";
import { artifact } from "../resolver/support/artifacts.ts";
import { eventually } from "../resolver/support/eventually.ts";
import { call } from "../server/support/checked-call.ts";
import { closeWindows } from "../support/close-windows.ts";
import { report } from "../support/stored-rollout.ts";
import { createTestDatabase, type TestDatabase } from "../support/database.ts";

const SEGMENTED = `
metrics: { rating: { window: 1h } }
canary:
  stages: [{ share: 50% }]
  segments: [tenant]
  goal: { metric: rating, direction: higher, margin: 0.5 }
`;

/** Under names that no other test has: roles belong to the whole cluster. */
describe("a login with a role that sluice migrate --roles makes", () => {
  const prefix = `sluice_${randomUUID().slice(0, 8)}_`;
  const named = (role: RoleKind) => `${prefix}${role}`;
  let database: TestDatabase;
  let owner: Database;
  let admin: pg.Client;
  let prompt: string;
  let scope: ScopeColumns;
  let versions: string[];
  beforeAll(async () => {
    database = await createTestDatabase();
    owner = openDatabase(database.url);
    admin = new pg.Client(database.url);
    await admin.connect();
    await grantRoles(owner, prefix);
    for (const role of ROLE_KINDS) await admin.query(`alter role ${named(role)} password 'secret'`);
    prompt = "greeting";
    scope = scopeColumns({ label: "production", prompt });
    versions = [];
    for (const text of ["one", "two", "three"])
      versions.push(
        (
          await transact(owner, (t) =>
            pushVersion(t, {
              prompt,
              description: "",
              tags: [],
              artifact: artifact(text),
              author: "ann",
              message: text,
              tokenCount: 1,
              policySha256: null,
            }),
          )
        ).versionId,
      );
    await set(1, 0);
    await set(2, 1);
  });
  afterAll(async () => {
    for (const role of ROLE_KINDS) {
      await admin.query(`drop owned by ${named(role)}`);
      await admin.query(`drop role ${named(role)}`);
    }
    await admin.end();
    await owner.destroy();
    await database.drop();
  });

  const set = (number: number, expectedRevision: number, db = owner) =>
    setPointerByHand(db, {
      scope,
      version: { prompt, number },
      expectedRevision,
      reason: "by hand",
      force: true,
      by: null,
    });
  function address(role: RoleKind): string {
    const url = new URL(database.url);
    url.username = named(role);
    url.password = "secret";
    return url.href;
  }
  async function as<T>(role: RoleKind, work: (db: Database) => Promise<T>): Promise<T> {
    const db = openDatabase(address(role), { max: 2 });
    try {
      return await work(db);
    } finally {
      await db.destroy();
    }
  }
  /** What plain SQL comes to, each statement in a transaction of its own. */
  async function says(role: RoleKind, statement: string): Promise<string> {
    const client = new pg.Client(address(role));
    await client.connect();
    try {
      await client.query(statement);
      return "done";
    } catch (error) {
      return (error as Error).message;
    } finally {
      await client.end();
    }
  }

  it("service: serves, records and is listed, and can write nothing by itself", async () => {
    const warnings: string[] = [];
    const resolver = await createResolver({
      source: address("service"),
      preload: [prompt],
      onWarning: ({ message }) => warnings.push(message),
    });
    try {
      const served = resolver.resolveSync({ prompt });
      expect(served).toMatchObject({ version: 2, source: "memory" });
      resolver.record(served, { metrics: { rating: 4 } });
      await resolver.flush();
      expect(resolver.metrics().recorded).toMatchObject({ outcomes: 1 });
      await eventually("it is listed", async () => (await listFleet(owner, scope)).length === 1);
    } finally {
      await resolver.close();
    }
    expect(warnings).toEqual([]);
    for (const statement of [
      "select from sluice.rollouts",
      "select from sluice.audit",
      "insert into sluice.exposures (rollout_id, unit, mode, arm, epoch) values (gen_random_uuid(), repeat('0', 64), 'canary', 'candidate', 1)",
      "update sluice.usage set n = 1000",
      "insert into sluice.instance_serves values (gen_random_uuid(), 'production', 'greeting', '', '', 9)",
      "update sluice.pointers set revision = revision + 1",
      "select sluice.fold_units(gen_random_uuid(), 1) from sluice.cells",
    ])
      expect(await says("service", statement), statement).toMatch(/permission denied/);
  });

  it("reader: reads everything, and may not record", async () => {
    expect(await says("reader", "select from sluice.rollouts, sluice.outcomes, sluice.audit")).toBe("done");
    for (const statement of ["select sluice.record_batch('{}')", "update sluice.pointers set share = 1"])
      expect(await says("reader", statement)).toMatch(/permission denied/);
  });

  it("operator: moves a pointer and takes it back, and leaves nobody else's name on it", async () => {
    const { revision } = await as("operator", (db) => set(3, 2, db));
    expect(await as("operator", (db) => rollBack(db, { scope, reason: "bad", by: null }))).toMatchObject({
      serves: `${prompt}@2`,
      revision: revision + 1,
    });
    const { rows } = await admin.query("select actor from sluice.audit order by seq desc limit 2");
    expect(rows).toEqual([{ actor: named("operator") }, { actor: named("operator") }]);
    expect(await verifyAudit(owner)).toMatchObject({ ok: true, astray: [] });
  });

  it("operator: moves no pointer by plain SQL without an entry that says so", async () => {
    const before = (await admin.query("select * from sluice.pointers")).rows;
    const move = `update sluice.pointers set active_version = '${versions[2]}', revision = revision + 1`;
    const entry = (revision: string, to: string) =>
      `insert into sluice.audit (prompt, action, label, model, tenant, revision, to_version)
       select 'greeting', 'pointer_set', 'production', '', '', ${revision}, '${to}' from sluice.pointers`;
    for (const statement of [
      move,
      `update sluice.pointers set active_version = '${versions[2]}'`,
      `update sluice.pointers set revision = revision + 5`,
      `update sluice.pointers set candidate_version = '${versions[2]}', mode = 'canary', share = 5000`,
      `insert into sluice.pointers (label, prompt, active_version) values ('staging', 'greeting', '${versions[0]}')`,
      // An entry that says something else.
      `begin; ${entry("revision + 1", versions[0]!)}; ${move}; commit`,
    ])
      expect(await says("operator", statement), statement).not.toBe("done");
    for (const statement of [
      "delete from sluice.pointers",
      "update sluice.pointers set label = 'x'",
      "update sluice.rollouts set policy = '{}'",
      "update sluice.audit set reason = ''",
      "update sluice.audit_heads set hash = ''",
      "delete from sluice.operations",
      "update sluice.versions set message = ''",
    ])
      expect(await says("operator", statement), statement).toMatch(/permission denied|keeps its scope/);
    expect((await admin.query("select * from sluice.pointers")).rows).toEqual(before);
    // With one it is a move like any other, under the login's name.
    expect(await says("operator", `begin; ${entry("revision + 1", versions[2]!)}; ${move}; commit`)).toBe(
      "done",
    );
    expect(await verifyAudit(owner)).toMatchObject({ ok: true });
  });

  it("operator: takes nothing away that a repository or a label asks without an entry that says so", async () => {
    const everybody = [{ model: null, tenant: null }];
    const manifest = {
      repository: "git.example.org/acme/prompts",
      branch: "main",
      commit: "1".repeat(40),
      committedAt: "2026-05-01T12:00:00.000Z",
      owner: "git",
      environments: [
        { name: "production", label: "production", from: null, liveForMs: 0, scopes: everybody },
      ],
      prompts: [{ prompt: "other", path: "other.yaml", sha256: "0".repeat(64) }],
    } as const;
    const { repository } = manifest;
    await as("operator", (db) =>
      publish(db, { manifest, expectedRevision: 0, takeOver: false, assertedActor: null }),
    );
    for (const statement of [
      "delete from sluice.environments",
      "delete from sluice.manifest_prompts",
      "update sluice.manifests set owner = 'both'",
      "delete from sluice.manifests",
    ])
      expect(await says("operator", statement), statement).toMatch(/without an entry in sluice\.audit/);
    expect(await says("operator", "update sluice.labels set from_label = null")).toMatch(/permission denied/);
    await as("operator", (db) =>
      forgetManifest(db, { repository, prompts: [], reason: "gone", assertedActor: null }),
    );
    const { rows } = await admin.query(
      "select actor, action from sluice.audit where prompt = '' order by seq desc limit 2",
    );
    expect(rows.map(({ action }) => action)).toEqual(["manifest_forgotten", "manifest_published"]);
    expect(new Set(rows.map(({ actor }) => actor))).toEqual(new Set([named("operator")]));
  });

  it("worker: may do what a rollout needs", async () => {
    await as("worker", (db) => rollBack(db, { scope, reason: "bad", by: null }));
    expect(await says("worker", "select sluice.fold_units(gen_random_uuid(), 1)")).toBe("done");
    expect(await says("worker", "delete from sluice.audit")).toMatch(/append-only/);
  });

  it("worker and operator: carry a rollout through, with its segments and the ledger of its losses", async () => {
    const policy = readPolicyFile(SEGMENTED, "policy.yaml");
    const rolloutId = randomUUID();
    const revision = await as("operator", async (db) => (await findPointer(db, scope))!.revision);
    await as("operator", (db) => set(1, revision, db));
    await as("worker", async (db) => {
      const begun = await transact(db, async (transaction) =>
        beginRollout(transaction, {
          rolloutId,
          workflowId: `rollout:${rolloutId}`,
          temporal: { namespace: "default", namespaceId: "n" },
          requestId: rolloutId,
          scope,
          candidateVersion: versions[1]!,
          policySha256: await storeDocument(transaction, { kind: "policy", name: "p", body: policy }),
          policy,
          datasetSha256: null,
          startedBy: "ann",
        }),
      );
      expect(begun).toMatchObject({ moved: true });
      await transact(db, (transaction) => openStage(transaction, { rolloutId, stage: 0, epoch: 1 }));
    });
    const unit = "0".repeat(64);
    const batch = {
      exposures: [{ rollout: rolloutId, unit, arm: "candidate", epoch: 1, segments: { tenant: "acme" } }],
      outcomes: [
        { id: randomUUID(), rollout: rolloutId, unit, version: versions[1], metrics: { rating: 4 } },
      ],
    };
    await as("service", (db) => report(db, batch));
    // In place of the hour that a window lasts.
    await closeWindows(owner, rolloutId);
    await as("worker", async (db) => {
      expect(await foldUnits(db, rolloutId)).toBeGreaterThan(0);
      expect((await readRolloutEvidence(db, rolloutId, "canary")).segments).not.toEqual([]);
      const goal = {
        metric: "rating",
        role: "goal",
        claim: "non_inferior",
        verdict: "met",
        step: { loss: 0, se: 0 },
      };
      await saveAssessment(db, {
        rolloutId,
        tick: 1,
        stage: 0,
        epoch: 1,
        baselineVersion: versions[0]!,
        assessment: { verdict: "promote", reason: "", evidence: [goal] } as never,
        inputs: {},
        codeVersion: "3",
      });
      expect(
        await transact(db, (transaction) =>
          promoteCandidate(transaction, { rolloutId, reason: "as good", epoch: 2 }),
        ),
      ).toMatchObject({ moved: true });
    });
    await as("operator", (db) =>
      nameAnchor(db, { scope, prompt, number: 2, reason: "compared by hand", by: null }),
    );
    const { rows } = await admin.query("select anchor from sluice.ledger_steps order by anchor");
    expect(rows).toEqual([{ anchor: false }, { anchor: true }]);
    expect(await verifyAudit(owner)).toMatchObject({ ok: true, astray: [] });
  });

  it("server: changes what the owners of keys ask for, in their names, and reads nothing of what keys prove", async () => {
    const { key } = await createKey(owner, { name: "test", role: "admin", grants: {}, owner: "bea" });
    const server = await startServer({
      databaseUrl: address("server"),
      host: "127.0.0.1",
      port: 0,
      log: () => undefined,
    });
    const send = (request: string, body: unknown, headers = {}) =>
      call(server.url, request, { key, body, headers });
    const file = { model: "openai/gpt-5.4-mini", messages: [{ role: "user", content: "hello" }] };
    const reason = "by hand";
    try {
      for (const called of [
        await send("POST /v1/prompts/from-afar/versions", { file }),
        await send("PUT /v1/prompts/from-afar/labels", {
          label: "staging",
          version: 1,
          expectedRevision: 0,
          force: true,
          reason,
        }),
        await send("PUT /v1/labels/staging", { protected: true, reason }),
        await send(
          "POST /v1/rollbacks",
          { prompt: "from-afar", label: "staging", reason },
          { "idempotency-key": "back" },
        ),
      ])
        expect(called, JSON.stringify(called.body)).toMatchObject({ status: expect.toBeOneOf([200, 201]) });
      const { body: made } = await send("POST /v1/keys", { name: "made", role: "viewer" });
      const { body: next } = await send(`POST /v1/keys/${made.id}/rotation`, {});
      expect((await send(`DELETE /v1/keys/${next.id}`, undefined)).body).toMatchObject({ changed: true });
      expect((await send("GET /v1/keys?all=true", undefined)).body.items).toEqual(
        expect.arrayContaining([
          expect.objectContaining({ id: made.id, createdBy: "bea", replacedBy: next.id }),
          expect.objectContaining({ id: next.id, state: "revoked" }),
        ]),
      );
      const { rows: letters } = await admin.query(
        `insert into sluice.dead_letters (operation_id, operation, prompt, payload, error)
         values ('o', 'notify', 'from-afar', '{}', '{"code": "unavailable", "message": "gone"}') returning id`,
      );
      const discarded = await send(`POST /v1/dead-letters/${letters[0].id}/discard`, { reason });
      expect(discarded.body).toMatchObject({ status: "discarded" });
      // There is no Temporal; all that is written of it has been.
      const dataset = [{ vars: {}, assert: [{ type: "contains", value: "hello" }] }];
      const asked = { prompt: "from-afar", version: 1, dataset, maxCostUsd: 1 };
      expect((await send("POST /v1/evaluations", asked)).status).toBe(503);
      expect((await send("GET /v1/evaluations", undefined)).body.items).toMatchObject([{ state: "failed" }]);
    } finally {
      await server.stop();
    }
    const { rows } = await admin.query(
      "select distinct actor, principal ->> 'name' as name from sluice.audit where prompt in ('from-afar', '') and action not like 'manifest%' and details ->> 'key' is distinct from $1",
      [key.slice(4, 16)],
    );
    expect(rows).toEqual([{ actor: named("server"), name: "bea" }]);
    for (const statement of [
      "select from sluice.keys",
      "select from sluice.sessions",
      "update sluice.sessions set role = 'admin'",
      "insert into sluice.trust_rules (name) values ('x')",
      "delete from sluice.used_tokens",
      "select from sluice.acting",
      "delete from sluice.audit",
    ])
      expect(await says("server", statement), statement).toMatch(/permission denied/);
    expect(await verifyAudit(owner)).toMatchObject({ ok: true, astray: [] });
  });

  it("service and reader: write nothing into what a decision is made of", async () => {
    for (const role of ["service", "reader"] as const)
      for (const table of ["ledger_steps", "rollout_segments", "segment_values", "segment_cells", "cells"])
        for (const statement of [`insert into sluice.${table} default values`, `delete from sluice.${table}`])
          expect(await says(role, statement), `${role}: ${statement}`).toMatch(/permission denied/);
    for (const table of ["rollout_segments", "segment_values", "segment_cells", "cells"])
      expect(await says("operator", `delete from sluice.${table}`), table).toMatch(/permission denied/);
    expect(await says("operator", "delete from sluice.ledger_steps")).toMatch(/permission denied/);
  });

  it("reader, operator and worker: say of nobody who they are", async () => {
    for (const role of ["reader", "operator", "worker"] as const)
      for (const call of [
        "open_workload_session(null, null, null, null)",
        "open_person_session(null, null, null, null)",
      ])
        expect(await says(role, `select sluice.${call}`), `${role}: ${call}`).toMatch(/permission denied/);
  });

  it("reader, operator and worker: can read every table there is, but what keys prove", async () => {
    const { rows } = await admin.query(
      "select format('%I.%I', schemaname, tablename) as name from pg_tables where schemaname = 'sluice' and tablename not in ('keys', 'sessions', 'used_tokens', 'acting')",
    );
    expect(rows.length).toBeGreaterThan(20);
    for (const role of ["reader", "operator", "worker"] as const)
      expect(await says(role, rows.map(({ name }) => `select from ${name} limit 0`).join("; "))).toBe("done");
  });
});

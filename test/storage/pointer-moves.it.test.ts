import { randomUUID } from "node:crypto";
import { sql } from "kysely";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { pointerActivities } from "../../activities/pointers.ts";
import type { Artifact } from "../../src/domain/prompt/artifact.ts";
import { readPolicyFile } from "../../src/domain/policy/policy-file.ts";
import { digestText } from "../../src/digest.ts";
import { rolloutWorkflowId, scopeColumns, type ScopeColumns } from "../../src/domain/scope.ts";
import { createResolver } from "../../src/resolver/index.ts";
import { openDatabase, type Database } from "../../src/storage/database.ts";
import { readAudit } from "../../src/storage/read/audit.ts";
import { verifyAudit } from "../../src/storage/read/verify-audit.ts";
import { listFleet } from "../../src/storage/read/fleet.ts";
import { findPointer, servedVersion } from "../../src/storage/read/pointer.ts";
import { findRollout } from "../../src/storage/read/rollout-row.ts";
import { statusOfRollout } from "../../src/storage/read/rollout-status.ts";
import { transact } from "../../src/storage/transact.ts";
import { beginRollout } from "../../src/storage/write/begin-rollout.ts";
import { endRollout } from "../../src/storage/write/end-rollout.ts";
import { openStage } from "../../src/storage/write/open-stage.ts";
import { promoteCandidate } from "../../src/storage/write/promote-candidate.ts";
import { pushVersion } from "../../src/storage/write/push-version.ts";
import { renewLease } from "../../src/storage/write/renew-lease.ts";
import { rollBackPointer } from "../../src/storage/write/roll-back-pointer.ts";
import { setPointer, type PointerSetting } from "../../src/storage/write/set-pointer.ts";
import { storeDocument } from "../../src/storage/write/store-document.ts";
import { eventually } from "../resolver/support/eventually.ts";
import { createTestDatabase, type TestDatabase } from "../support/database.ts";

const POLICY = readPolicyFile(
  "canary:\n  stages: [{ share: 5% }, { share: 50% }]\n  goal: { metric: rating, direction: higher, claim: superior }\n",
  "policy.yaml",
);

describe("a pointer", () => {
  let database: TestDatabase;
  let db: Database;
  let prompt: string;
  let scope: ScopeColumns;
  let versions: string[];
  beforeAll(async () => {
    database = await createTestDatabase();
    db = openDatabase(database.url);
  });
  afterAll(async () => {
    await db.destroy();
    await database.drop();
  });
  beforeEach(async () => {
    prompt = `p-${randomUUID().slice(0, 8)}`;
    scope = scopeColumns({ label: "production", prompt });
    versions = [];
    for (const text of ["one", "two", "three"]) versions.push(await push(prompt, text));
  });

  async function push(name: string, text: string): Promise<string> {
    const artifact: Artifact = {
      syntax: "mustache",
      model: "openai/gpt-5-mini",
      params: {},
      variables: {},
      messages: [{ role: "user", content: text }],
    };
    const pushed = await transact(db, (transaction) =>
      pushVersion(transaction, {
        prompt: name,
        description: "",
        tags: [],
        artifact,
        author: "ann",
        message: text,
        tokenCount: 1,
        policySha256: null,
      }),
    );
    return pushed.versionId;
  }
  const set = (versionId: string, expectedRevision: number, more: Partial<PointerSetting> = {}) =>
    transact(db, (transaction) =>
      setPointer(transaction, {
        operationId: randomUUID(),
        scope,
        prompt,
        versionId,
        expectedRevision,
        reason: "test",
        force: true,
        assertedActor: "ann",
        ...more,
      }),
    );
  const rollBack = (toVersion?: string | null, at: ScopeColumns = scope) =>
    transact(db, (transaction) =>
      rollBackPointer(transaction, {
        operationId: randomUUID(),
        scope: at,
        reason: "bad",
        assertedActor: "bob",
        ...(toVersion !== undefined && { toVersion }),
      }),
    );
  const evaluated = async (candidate: string, baseline: string | null) => {
    const datasetSha256 = await transact(db, (t) =>
      storeDocument(t, { kind: "dataset", name: "golden", body: {} }),
    );
    await db
      .insertInto("evaluations")
      .values({
        // By a rollout's gate: what somebody evaluates by hand is no evidence.
        rollout_id: await begin(candidate, { ...scope, label: `gate-${randomUUID().slice(0, 8)}` }),
        candidate_version: candidate,
        baseline_version: baseline,
        dataset_sha256: datasetSha256,
        gate_sha256: "0".repeat(64),
        judge_sha256: "",
        verdict: "pass",
      })
      .execute();
  };
  async function begin(candidate: string, at: ScopeColumns = scope, policy = POLICY): Promise<string> {
    const rolloutId = randomUUID();
    const moved = await transact(db, async (transaction) => {
      const policySha256 = await storeDocument(transaction, { kind: "policy", name: "policy", body: policy });
      return beginRollout(transaction, {
        rolloutId,
        workflowId: rolloutWorkflowId(at, { digest: digestText }),
        temporal: { namespace: "default", namespaceId: "n" },
        requestId: rolloutId,
        scope: at,
        candidateVersion: candidate,
        policySha256,
        policy,
        datasetSha256: null,
        startedBy: "ann",
      });
    });
    expect(moved.moved).toBe(true);
    return rolloutId;
  }
  const open = (rolloutId: string, stage: number, epoch: number) =>
    transact(db, (transaction) => openStage(transaction, { rolloutId, stage, epoch }));
  const end = (rolloutId: string) =>
    transact(db, (transaction) =>
      endRollout(transaction, { rolloutId, outcome: "rolled_back", reason: "harm" }),
    );
  const assessed = (rolloutId: string, verdict: string, more: object = {}) =>
    db
      .insertInto("assessments")
      .values({
        rollout_id: rolloutId,
        tick: 1,
        stage: 2,
        epoch: 2,
        verdict,
        reason: "",
        baseline_version: versions[0]!,
        assessment: JSON.stringify({ evidence: [], ...more }),
        inputs: "{}",
        code_version: "1",
      })
      .execute();

  it("moves for exactly one of many who saw the same revision", async () => {
    await set(versions[0]!, 0);
    const results = await Promise.all(Array.from({ length: 8 }, (_, i) => set(versions[1 + (i % 2)]!, 1)));
    expect(results.filter((result) => result.moved)).toHaveLength(1);
    expect((await findPointer(db, scope))!.revision).toBe(2);
    expect((await readAudit(db, { prompt })).filter((line) => line.action === "pointer_set")).toHaveLength(2);
  });

  it("is created once when several set it first", async () => {
    const results = await Promise.all(Array.from({ length: 4 }, () => set(versions[0]!, 0)));
    expect(results.filter((result) => result.moved)).toHaveLength(1);
  });

  it("answers a repeated operation with its first outcome, and refuses another request under its id", async () => {
    const operationId = randomUUID();
    const first = await set(versions[0]!, 0, { operationId });
    expect(await set(versions[0]!, 0, { operationId })).toEqual(first);
    expect((await findPointer(db, scope))!.revision).toBe(1);
    await expect(set(versions[1]!, 0, { operationId })).rejects.toMatchObject({ code: "internal" });
  });

  it("remembers a refusal, so that a retry cannot succeed where the first attempt was refused", async () => {
    await set(versions[0]!, 0);
    const operationId = randomUUID();
    expect(await set(versions[1]!, 5, { operationId })).toMatchObject({ moved: false, refusal: "conflict" });
    for (let revision = 1; revision < 5; revision++) await set(versions[revision % 2]!, revision);
    expect(await set(versions[1]!, 5, { operationId })).toMatchObject({ moved: false, refusal: "conflict" });
  });

  it("wants evidence unless forced", async () => {
    expect(await set(versions[0]!, 0, { force: false })).toMatchObject({
      moved: false,
      refusal: "stale_evidence",
    });
  });

  it("goes back to the previous version, and a second rollback does not bring the bad one back", async () => {
    await set(versions[0]!, 0);
    await set(versions[1]!, 1);
    expect(await rollBack()).toMatchObject({ moved: true, revision: 3 });
    expect(await findPointer(db, scope)).toMatchObject({
      active_version: versions[0],
      previous_version: null,
    });
    expect(await rollBack()).toMatchObject({ moved: true, revision: 4, note: "nothing to undo" });
    expect(await findPointer(db, scope)).toMatchObject({ active_version: versions[0] });
    expect(await rollBack(versions[2])).toMatchObject({ moved: true, revision: 5 });
    expect(await findPointer(db, scope)).toMatchObject({
      active_version: versions[2],
      previous_version: null,
    });
  });

  it("of a tenant that was set by hand goes back to inheriting, once", async () => {
    await set(versions[0]!, 0);
    const acme = { ...scope, tenant: "acme" };
    await set(versions[1]!, 0, { scope: acme });
    expect(await rollBack(undefined, acme)).toMatchObject({ moved: true, revision: 2 });
    expect(await findPointer(db, acme)).toMatchObject({ active_version: null });
    expect(await servedVersion(db, acme)).toBe(versions[0]);
    expect(await rollBack(undefined, acme)).toMatchObject({ revision: 3, note: "nothing to undo" });
    // A version of its own that replaced another one of its own: the second rollback leaves it.
    await set(versions[1]!, 3, { scope: acme });
    await set(versions[2]!, 4, { scope: acme });
    await rollBack(undefined, acme);
    expect(await rollBack(undefined, acme)).toMatchObject({ note: "nothing to undo" });
    expect(await servedVersion(db, acme)).toBe(versions[1]);
    expect(await rollBack(null, acme)).toMatchObject({ moved: true });
    expect(await servedVersion(db, acme)).toBe(versions[0]);
    expect(await rollBack(null)).toMatchObject({ moved: false, refusal: "conflict" });
  });

  it("goes back on the move that made it active, not on a promotion of long ago", async () => {
    await set(versions[0]!, 0);
    const acme = { ...scope, tenant: "acme" };
    const rolloutId = await begin(versions[1]!, acme);
    await open(rolloutId, 1, 1);
    await assessed(rolloutId, "promote");
    await transact(db, (t) => promoteCandidate(t, { rolloutId, reason: "proven", epoch: 2 }));
    for (const version of [versions[2]!, versions[1]!])
      await set(version, (await findPointer(db, acme))!.revision, { scope: acme });
    await rollBack(undefined, acme);
    expect(await servedVersion(db, acme)).toBe(versions[2]);
  });

  it("leaves what is live where a rollout is ended before it has shown anything", async () => {
    await set(versions[0]!, 0);
    await set(versions[1]!, 1);
    const rolloutId = await begin(versions[2]!);
    expect(await rollBack()).toMatchObject({ moved: true, ended: rolloutId });
    expect(await findPointer(db, scope)).toMatchObject({ active_version: versions[1], rollout_id: null });
    expect(await findRollout(db, rolloutId)).toMatchObject({ outcome: "aborted" });
    // The next one undoes the move that made it live.
    await rollBack();
    expect(await servedVersion(db, scope)).toBe(versions[0]);
  });

  it("takes a promotion back while it is watched, to the version or to inheriting", async () => {
    const watched = readPolicyFile(
      "canary:\n  stages: [{ share: 50% }]\n  goal: { metric: rating, direction: higher, claim: superior }\nwatch: { for: 1h, holdback: 5% }\n",
      "policy.yaml",
    );
    await set(versions[0]!, 0);
    for (const at of [{ ...scope, tenant: "acme" }, scope]) {
      const rolloutId = await begin(versions[1]!, at, watched);
      await open(rolloutId, 0, 1);
      await assessed(rolloutId, "promote");
      await transact(db, (t) => promoteCandidate(t, { rolloutId, reason: "proven", epoch: 2 }));
      expect(await servedVersion(db, at)).toBe(versions[1]);
      expect(await rollBack(undefined, at)).toMatchObject({ ended: rolloutId });
      expect(await findRollout(db, rolloutId)).toMatchObject({ outcome: "rolled_back" });
      expect(await findPointer(db, at)).toMatchObject({
        active_version: at.tenant === "" ? versions[0] : null,
      });
    }
  });

  it("wants evidence against what a tenant inherits, not against nothing", async () => {
    await set(versions[0]!, 0);
    const acme = { ...scope, tenant: "acme" };
    await evaluated(versions[1]!, null);
    await evaluated(versions[2]!, versions[0]!);
    const unforced = (version: string) => set(version, 0, { scope: acme, force: false });
    expect(await unforced(versions[1]!)).toMatchObject({ moved: false, refusal: "stale_evidence" });
    expect(await unforced(versions[2]!)).toMatchObject({ moved: true });
  });

  it("says so when there is nothing to roll back at all", async () => {
    expect(await rollBack()).toMatchObject({ moved: false, refusal: "not_found" });
  });

  it("fences off a rollout that wakes up after a rollback", async () => {
    await set(versions[0]!, 0);
    const rolloutId = await begin(versions[1]!);
    expect(await open(rolloutId, 0, 1)).toMatchObject({ moved: true });
    await rollBack();
    expect(await open(rolloutId, 1, 2)).toMatchObject({ moved: false, refusal: "superseded" });
    await assessed(rolloutId, "promote");
    const promoted = await transact(db, (transaction) =>
      promoteCandidate(transaction, { rolloutId, reason: "late", epoch: 3 }),
    );
    expect(promoted).toMatchObject({ moved: false, refusal: "superseded" });
    expect(await renewLease(db, { rolloutId, epoch: 1, leaseMs: 60_000 })).toBe(false);
    expect(await end(rolloutId)).toMatchObject({ outcome: "aborted" });
    expect(await findPointer(db, scope)).toMatchObject({
      active_version: versions[0],
      candidate_version: null,
    });
  });

  it("ends a rollout as superseded when somebody has moved it by hand", async () => {
    await set(versions[0]!, 0);
    const rolloutId = await begin(versions[1]!);
    await set(versions[2]!, (await findPointer(db, scope))!.revision);
    expect(await end(rolloutId)).toMatchObject({ outcome: "superseded" });
    expect(await findPointer(db, scope)).toMatchObject({ active_version: versions[2], rollout_id: null });
  });

  it("is promoted only on an assessment that says so", async () => {
    await set(versions[0]!, 0);
    const rolloutId = await begin(versions[1]!);
    await open(rolloutId, 1, 1);
    const promote = (reason: string) =>
      transact(db, (transaction) => promoteCandidate(transaction, { rolloutId, reason, epoch: 2 }));
    await db.transaction().execute(async (transaction) => {
      const refused = await promoteCandidate(transaction, { rolloutId, reason: "no evidence", epoch: 2 });
      expect(refused).toMatchObject({ moved: false, refusal: "stale_evidence" });
      await sql`delete from sluice.operations where id like ${`%${rolloutId}/promote`}`.execute(transaction);
    });
    await assessed(rolloutId, "promote");
    expect(await promote("proven")).toMatchObject({ moved: true });
    expect(await promote("proven")).toMatchObject({ moved: true });
    expect(await findPointer(db, scope)).toMatchObject({
      active_version: versions[1],
      previous_version: versions[0],
    });
    expect((await findRollout(db, rolloutId))!.outcome).toBe("promoted");
  });

  it("is promoted by hand with an entry of what that passes over, and by evidence without one", async () => {
    await set(versions[0]!, 0);
    const passes = ["stage 1 of 2", "the split is off"];
    for (const [version, more, details] of [
      [versions[1]!, { passes }, { passes }],
      [versions[2]!, {}, undefined],
    ] as const) {
      versions[0] = (await servedVersion(db, scope))!;
      const rolloutId = await begin(version);
      await open(rolloutId, 1, 1);
      await assessed(rolloutId, "promote", more);
      await transact(db, (t) => promoteCandidate(t, { rolloutId, reason: "asked for", epoch: 2 }));
      const [promoted] = (await readAudit(db, { prompt })).filter(
        (line) => line.action === "promoted" && line.rolloutId === rolloutId,
      );
      expect(promoted!.details).toEqual(details ?? {});
    }
  });

  it("is promoted, and its rollout keeps how many resolvers serve it since", async () => {
    await set(versions[0]!, 0);
    const rolloutId = await begin(versions[1]!);
    await open(rolloutId, 1, 1);
    await assessed(rolloutId, "promote");
    const resolver = await createResolver({ source: database.url, preload: [prompt] });
    try {
      await eventually("it is listed", async () => (await listFleet(db, scope)).length === 1);
      const promotion = { rolloutId, reason: "proven", epoch: 2 };
      const promoted = await pointerActivities({ db }).promote(promotion);
      expect(promoted).toMatchObject({ moved: true });
      expect(promoted).toHaveProperty("served", expect.stringMatching(/^1 of 1 resolver in \d+ ms$/));
      expect(resolver.resolveSync({ prompt }).version).toBe(2);
      expect(await statusOfRollout(db, rolloutId)).toMatchObject({
        outcome: "promoted",
        fleet: { confirmed: 1, live: 1, missing: [] },
      });
    } finally {
      await resolver.close();
    }
  });

  it("of a tenant inherits, is rolled out against what it inherits, and goes back to inheriting", async () => {
    await set(versions[0]!, 0);
    const tenant = scopeColumns({ label: "production", prompt, tenant: "acme" });
    expect(await servedVersion(db, tenant)).toBe(versions[0]);
    const rolloutId = await begin(versions[1]!, tenant);
    expect(await findRollout(db, rolloutId)).toMatchObject({ baseline_version: versions[0], inherits: true });
    await open(rolloutId, 0, 1);
    expect(await findPointer(db, tenant)).toMatchObject({
      active_version: null,
      candidate_version: versions[1],
    });
    await end(rolloutId);
    expect(await findPointer(db, tenant)).toMatchObject({ active_version: null, candidate_version: null });
    expect(await servedVersion(db, tenant)).toBe(versions[0]);

    const second = await begin(versions[1]!, tenant);
    await open(second, 1, 1);
    await assessed(second, "promote");
    await transact(db, (t) => promoteCandidate(t, { rolloutId: second, reason: "proven", epoch: 2 }));
    expect(await servedVersion(db, tenant)).toBe(versions[1]);
    const back = await transact(db, (t) =>
      rollBackPointer(t, { operationId: randomUUID(), scope: tenant, reason: "bad", assertedActor: null }),
    );
    expect(back).toMatchObject({ moved: true });
    expect(await findPointer(db, tenant)).toMatchObject({ active_version: null });
    expect(await servedVersion(db, tenant)).toBe(versions[0]);
  });

  it("of a tenant supersedes its rollout when the inherited version moves", async () => {
    await set(versions[0]!, 0);
    const rolloutId = await begin(
      versions[1]!,
      scopeColumns({ label: "production", prompt, tenant: "acme" }),
    );
    await set(versions[2]!, 1);
    expect(await open(rolloutId, 0, 1)).toMatchObject({ moved: false, refusal: "superseded" });
  });
});

describe("what is written stays written", () => {
  let database: TestDatabase;
  let db: Database;
  beforeAll(async () => {
    database = await createTestDatabase();
    db = openDatabase(database.url);
    for (const text of ["one", "two"])
      await transact(db, (transaction) =>
        pushVersion(transaction, {
          prompt: "kept",
          description: "",
          tags: [],
          artifact: {
            syntax: "mustache",
            model: "openai/x",
            params: {},
            variables: {},
            messages: [{ role: "user", content: text }],
          },
          author: "ann",
          message: text,
          tokenCount: 1,
          policySha256: null,
        }),
      );
    await transact(db, (transaction) =>
      storeDocument(transaction, { kind: "policy", name: "kept", body: { canary: {} } }),
    );
  });
  afterAll(async () => {
    await db.destroy();
    await database.drop();
  });

  it.each([
    "update sluice.documents set body = '{}'",
    "delete from sluice.documents",
    "truncate sluice.documents cascade",
    "update sluice.versions set message = 'x'",
    "delete from sluice.versions",
    "truncate sluice.versions cascade",
    "update sluice.audit set reason = 'x'",
    "delete from sluice.audit",
    "truncate sluice.audit",
  ])("the database refuses: %s", async (statement) => {
    await expect(sql.raw(statement).execute(db)).rejects.toThrow(/append-only/);
  });

  it.each([
    ["a changed entry", "update sluice.audit set reason = 'nothing' where seq = 1", /changed after/],
    ["a missing entry", "delete from sluice.audit where seq = 1", /missing/],
    ["a missing end", "delete from sluice.audit where seq = 2", /newest entries are missing/],
    [
      "an added entry",
      "insert into sluice.audit select (jsonb_populate_record(a, '{\"seq\": 3}')).* from sluice.audit a where seq = 2",
      /./,
    ],
    [
      "reordered entries",
      "update sluice.audit set seq = seq + 10; update sluice.audit set seq = 13 - seq",
      /./,
    ],
    ["a missing head", "delete from sluice.audit_heads", /head of its chain is missing/],
  ])("audit --verify finds %s, even made with the triggers off", async (_, statement, problem) => {
    expect(await verifyAudit(db)).toMatchObject({ ok: true, entries: 2 });
    await db
      .transaction()
      .execute(async (transaction) => {
        await sql.raw("alter table sluice.audit disable trigger user").execute(transaction);
        await sql.raw(statement).execute(transaction);
        const found = await verifyAudit(transaction);
        expect(found.ok).toBe(false);
        expect(found.broken[0]!.problem).toMatch(problem);
        throw new Error("undo");
      })
      .catch((error: Error) => {
        if (error.message !== "undo") throw error;
      });
  });
});

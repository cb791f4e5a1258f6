import { randomUUID } from "node:crypto";
import { sql } from "kysely";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readPolicyFile } from "../../src/domain/policy/policy-file.ts";
import { digestText } from "../../src/digest.ts";
import { rolloutWorkflowId, scopeColumns, type ScopeColumns } from "../../src/domain/scope.ts";
import { openDatabase, type Database } from "../../src/storage/database.ts";
import { failedAttempts } from "../../src/storage/read/attempts.ts";
import { ledgerOf } from "../../src/storage/read/ledger.ts";
import { findPointer } from "../../src/storage/read/pointer.ts";
import { findRollout } from "../../src/storage/read/rollout-row.ts";
import { transact } from "../../src/storage/transact.ts";
import { beginRollout } from "../../src/storage/write/begin-rollout.ts";
import { closeRollout } from "../../src/storage/write/close-rollout.ts";
import { nameAnchor } from "../../src/storage/write/name-anchor.ts";
import { openStage } from "../../src/storage/write/open-stage.ts";
import { promoteCandidate } from "../../src/storage/write/promote-candidate.ts";
import { rollBackPointer } from "../../src/storage/write/roll-back-pointer.ts";
import { setPointer } from "../../src/storage/write/set-pointer.ts";
import { storeDocument } from "../../src/storage/write/store-document.ts";
import { startRollout } from "../../src/use-cases/start-rollout.ts";
import { createTestDatabase, type TestDatabase } from "../support/database.ts";

const POLICY = readPolicyFile(
  "canary:\n  stages: [{ share: 50% }]\n  goal: { metric: rating, direction: higher, margin: 0.1 }\n",
  "policy.yaml",
);
const LOSS = 0.02;
const SE = 0.01;

let database: TestDatabase;
let db: Database;
beforeAll(async () => {
  database = await createTestDatabase();
  db = openDatabase(database.url);
  // Cleared below without the audit entry that a move needs.
  await sql`alter table sluice.pointers disable trigger pointers_audited`.execute(db);
});
afterAll(async () => {
  await db.destroy();
  await database.drop();
});

/** A scope with five versions of a prompt, the first one set by hand; what happens to it goes through the real writes. */
async function scene() {
  const prompt = `p-${randomUUID().slice(0, 8)}`;
  const scope: ScopeColumns = scopeColumns({ label: "production", prompt });
  await sql`insert into sluice.prompts (name) values (${prompt})`.execute(db);
  const versions: string[] = [];
  for (let number = 1; number <= 5; number++) {
    const id = randomUUID();
    await sql`insert into sluice.versions (id, prompt, number, semver, sha256, artifact, model, author, token_count)
      values (${id}, ${prompt}, ${number}, ${`1.${number}.0`}, ${id.replaceAll("-", "").padEnd(64, "0")}, '{}', 'openai/x', 'ann', 1)`.execute(
      db,
    );
    versions.push(id);
  }
  let tick = 0;
  const scope1 = {
    scope,
    prompt,
    id: (number: number) => versions[number - 1]!,
    async set(number: number) {
      const { revision = 0 } = (await findPointer(db, scope)) ?? {};
      const set = await transact(db, (transaction) =>
        setPointer(transaction, {
          operationId: randomUUID(),
          scope,
          prompt,
          versionId: versions[number - 1]!,
          expectedRevision: revision,
          reason: "by hand",
          force: true,
          assertedActor: "ann",
        }),
      );
      expect(set.moved).toBe(true);
    },
    async begin(number: number): Promise<string> {
      const rolloutId = randomUUID();
      const begun = await transact(db, async (transaction) => {
        const policySha256 = await storeDocument(transaction, { kind: "policy", name: "p", body: POLICY });
        return beginRollout(transaction, {
          rolloutId,
          workflowId: rolloutWorkflowId(scope, { digest: digestText }),
          temporal: { namespace: "default", namespaceId: "n" },
          requestId: rolloutId,
          scope,
          candidateVersion: versions[number - 1]!,
          policySha256,
          policy: POLICY,
          datasetSha256: null,
          startedBy: "ann",
        });
      });
      expect(begun.moved).toBe(true);
      return rolloutId;
    },
    async promote(number: number, claim: "superior" | "non_inferior" = "non_inferior", move = true) {
      const rolloutId = await scope1.begin(number);
      await transact(db, (transaction) => openStage(transaction, { rolloutId, stage: 0, epoch: 1 }));
      const row = (await findRollout(db, rolloutId))!;
      const goal = { metric: "rating", role: "goal", claim, verdict: "met", step: { loss: LOSS, se: SE } };
      await db
        .insertInto("assessments")
        .values({
          rollout_id: rolloutId,
          tick: ++tick,
          stage: 1,
          epoch: 1,
          verdict: "promote",
          reason: "",
          baseline_version: row.baseline_version,
          assessment: JSON.stringify({ verdict: "promote", evidence: [goal] }),
          inputs: "{}",
          code_version: "3",
        })
        .execute();
      if (move)
        await transact(db, (transaction) =>
          promoteCandidate(transaction, { rolloutId, reason: "as good", epoch: 2 }),
        );
      return rolloutId;
    },
    async end(number: number, outcome: "rolled_back" | "rejected" | "inconclusive" | "aborted" | "failed") {
      const rolloutId = await scope1.begin(number);
      await transact(db, (transaction) => closeRollout(transaction, rolloutId, outcome, "because"));
      await sql`update sluice.pointers set rollout_id = null, candidate_version = null where prompt = ${prompt}`.execute(
        db,
      );
      return rolloutId;
    },
    ledger: (number: number) => ledgerOf(db, scope, versions[number - 1]!),
  };
  return scope1;
}

const used = (steps: number) => ({ rating: { spent: expect.closeTo(steps * (LOSS + SE), 9), steps } });

describe("the ledger of small losses", () => {
  it("adds up every promotion since the version that was set by hand, and a rollout begins with it", async () => {
    const at = await scene();
    await at.set(1);
    expect((await at.ledger(1)).metrics).toEqual({});
    await at.promote(2);
    await at.promote(3);
    const rolloutId = await at.begin(4);
    expect((await findRollout(db, rolloutId))!.ledger).toEqual({
      anchor: at.id(1),
      anchorName: `${at.prompt}@1`,
      metrics: used(2),
    });
  });

  it("begins anew with a version that was proven superior, or named as the anchor, or set by hand", async () => {
    const at = await scene();
    await at.set(1);
    await at.promote(2);
    await at.promote(3, "superior");
    expect((await at.ledger(3)).metrics).toEqual({});
    await at.promote(4);
    expect(await at.ledger(4)).toMatchObject({ anchor: at.id(3), metrics: used(1) });
    const name = (versionId: string) =>
      transact(db, (transaction) =>
        nameAnchor(transaction, { scope: at.scope, versionId, reason: "compared by hand", by: "ann" }),
      );
    await expect(name(at.id(1))).rejects.toMatchObject({ code: "conflict" });
    await name(at.id(4));
    expect((await at.ledger(4)).metrics).toEqual({});
    await at.promote(5);
    expect(await at.ledger(5)).toMatchObject({ anchor: at.id(4), metrics: used(1) });
    await at.set(2);
    // It has been promoted before, with the loss that it had then.
    expect(await at.ledger(2)).toMatchObject({ anchor: at.id(1), metrics: used(1) });
  });

  it("forgets what was rolled back", async () => {
    const at = await scene();
    await at.set(1);
    await at.promote(2);
    await at.promote(3);
    await transact(db, (transaction) =>
      rollBackPointer(transaction, {
        operationId: randomUUID(),
        scope: at.scope,
        reason: "bad",
        assertedActor: "bob",
      }),
    );
    expect((await findPointer(db, at.scope))!.active_version).toBe(at.id(2));
    await at.promote(4);
    expect(await at.ledger(4)).toMatchObject({ anchor: at.id(1), metrics: used(2) });
  });

  it("is written by the transaction that moves the pointer, or not at all", async () => {
    const at = await scene();
    await at.set(1);
    const rolloutId = await at.promote(2, "non_inferior", false);
    const fails = transact(db, async (transaction) => {
      await promoteCandidate(transaction, { rolloutId, reason: "as good", epoch: 2 });
      throw new Error("the power goes");
    });
    await expect(fails).rejects.toThrow("the power goes");
    expect((await at.ledger(2)).metrics).toEqual({});
    const promote = () =>
      transact(db, (transaction) =>
        promoteCandidate(transaction, { rolloutId, reason: "as good", epoch: 2 }),
      );
    await promote();
    await promote();
    expect((await at.ledger(2)).metrics).toEqual(used(1));
  });
});

describe("an attempt", () => {
  it("is a rollout of the same content that a verdict ended within 30 days, in this scope", async () => {
    const at = await scene();
    await at.set(1);
    const count = async (number: number) => (await failedAttempts(db, at.scope, at.id(number))).length;
    for (const outcome of ["rolled_back", "rejected", "inconclusive", "aborted", "failed"] as const)
      await at.end(2, outcome);
    expect([await count(2), await count(3)]).toEqual([3, 0]);
    const fourth = await at.begin(2);
    expect((await findRollout(db, fourth))!.attempt).toBe(4);
    await transact(db, (transaction) => closeRollout(transaction, fourth, "aborted", "enough"));
    await sql`update sluice.rollouts set ended_at = now() - interval '31 days'
      where prompt = ${at.prompt} and outcome = 'rejected'`.execute(db);
    expect(await count(2)).toBe(2);
    const other = scopeColumns({ label: "staging", prompt: at.prompt });
    expect(await failedAttempts(db, other, at.id(2))).toEqual([]);
  });

  it("of an unchanged version that failed takes a decision: start refuses it unless it is told again", async () => {
    const at = await scene();
    await at.set(1);
    await at.end(2, "inconclusive");
    const { policy_sha256 } = await db
      .selectFrom("rollouts")
      .select("policy_sha256")
      .where("prompt", "=", at.prompt)
      .executeTakeFirstOrThrow();
    const asked: string[] = [];
    const start = (number: number, again: boolean) =>
      startRollout(
        db,
        {
          taskQueue: "sluice",
          place: async () => ({ namespace: "default", namespaceId: "n" }),
          start: async (input) => {
            asked.push(input.candidate);
            return { runId: "r" };
          },
          standing: async () => "over" as const,
        },
        { scope: at.scope, prompt: at.prompt, number, policySha256: policy_sha256, by: "ann", again },
      );
    await expect(start(2, false)).rejects.toMatchObject({
      code: "conflict",
      message: expect.stringMatching(/@2 has failed here once within 30 days, unchanged .*--again/),
    });
    await start(3, false);
    await start(2, true);
    expect(asked).toEqual([`${at.prompt}@3`, `${at.prompt}@2`]);
  });
});

import { randomUUID } from "node:crypto";
import { sql } from "kysely";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readKey } from "../../src/access/key-text.ts";
import { readPolicyFile } from "../../src/domain/policy/policy-file.ts";
import type { PrincipalKind } from "../../src/domain/access/principal.ts";
import { digestText } from "../../src/digest.ts";
import { rolloutWorkflowId, scopeColumns } from "../../src/domain/scope.ts";
import { actingAs } from "../../src/storage/acting-database.ts";
import { openDatabase, type Database } from "../../src/storage/database.ts";
import { standingDecision } from "../../src/storage/read/decision.ts";
import { transact } from "../../src/storage/transact.ts";
import { beginRollout } from "../../src/storage/write/begin-rollout.ts";
import { pushVersion } from "../../src/storage/write/push-version.ts";
import { setPhase } from "../../src/storage/write/set-phase.ts";
import { storeDocument } from "../../src/storage/write/store-document.ts";
import { createKey } from "../../src/use-cases/create-key.ts";
import { decideApproval } from "../../src/use-cases/decide-approval.ts";
import { openPersonSession } from "../../src/use-cases/open-person-session.ts";
import { setPointerByHand } from "../../src/use-cases/set-pointer.ts";
import { artifact } from "../resolver/support/artifacts.ts";
import { createTestDatabase, type TestDatabase } from "../support/database.ts";

describe("an approval", () => {
  let database: TestDatabase;
  let db: Database;
  const logins: { readonly role: string; readonly db: Database }[] = [];
  beforeAll(async () => {
    database = await createTestDatabase();
    db = openDatabase(database.url);
    // Two people with logins of their own; the author pushes with the first one.
    for (const name of ["ann", "ben", "eve"]) {
      const role = `${name}_${randomUUID().slice(0, 8)}`;
      await sql.raw(`create role ${role} login password 'secret'`).execute(db);
      await sql.raw(`grant usage on schema sluice to ${role}`).execute(db);
      await sql
        .raw(`grant select, insert, update, delete, truncate on all tables in schema sluice to ${role}`)
        .execute(db);
      await sql.raw(`grant execute on all functions in schema sluice to ${role}`).execute(db);
      const url = new URL(database.url);
      url.username = role;
      url.password = "secret";
      logins.push({ role, db: openDatabase(url.href, { max: 1 }) });
    }
  });
  afterAll(async () => {
    for (const login of logins) {
      await login.db.destroy();
      await sql.raw(`drop owned by ${login.role}`).execute(db);
      await sql.raw(`drop role ${login.role}`).execute(db);
    }
    await db.destroy();
    await database.drop();
  });

  let prompt: string;
  async function waiting(approval: string) {
    prompt = `p-${randomUUID().slice(0, 8)}`;
    const scope = scopeColumns({ label: "production", prompt });
    const policy = readPolicyFile(
      `approval: { before: canary, ${approval} }\ncanary:\n  stages: [{ share: 50% }]\n  goal: { metric: rating, direction: higher, claim: superior }\n`,
      "policy.yaml",
    );
    const [ann] = logins;
    const versions: string[] = [];
    for (const text of ["one", "two"])
      versions.push(
        (
          await transact(ann!.db, (t) =>
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
    await setPointerByHand(db, {
      scope,
      version: { prompt, number: 1 },
      expectedRevision: 0,
      reason: "first",
      force: true,
      by: null,
    });
    const rolloutId = randomUUID();
    await transact(db, async (t) =>
      beginRollout(t, {
        rolloutId,
        workflowId: rolloutWorkflowId(scope, { digest: digestText }),
        temporal: { namespace: "default", namespaceId: "n" },
        requestId: rolloutId,
        scope,
        candidateVersion: versions[1]!,
        policySha256: await storeDocument(t, { kind: "policy", name: "policy", body: policy }),
        policy,
        datasetSha256: null,
        startedBy: null,
      }),
    );
    await setPhase(db, { rolloutId, phase: "awaiting_approval", waitingFor: "canary" });
    const decide = (who: number, by: string, decision: "approve" | "reject" = "approve") =>
      decideApproval(logins[who]!.db, {
        scope,
        version: { prompt, number: 2 },
        decision,
        by,
        comment: "",
      });
    return { rolloutId, decide, scope };
  }

  it("of one login counts once, under however many names", async () => {
    const { decide } = await waiting("approvers: 2");
    const [, ben, eve] = logins;
    expect(await decide(1, "first")).toMatchObject({ decision: "waiting", counts: true, countedBy: "login" });
    expect(await decide(1, "second")).toMatchObject({
      decision: "waiting",
      reason: "1 of 2 approvals",
      counts: false,
      login: ben!.role,
    });
    expect(await decide(2, "first")).toMatchObject({
      decision: "approved",
      approvedBy: [ben!.role, eve!.role],
    });
  });

  it("is not its author's, who is the login that pushed, whatever the names", async () => {
    const { rolloutId, decide } = await waiting("approvers: 1");
    await expect(decide(0, "somebody else")).rejects.toMatchObject({
      code: "forbidden",
      message: expect.stringMatching(/^the login ann_\w+ pushed .*asserted: true/),
    });
    await sql`insert into sluice.approvals (rollout_id, point, decision) values (${rolloutId}, 'canary', 'approve')`.execute(
      logins[0]!.db,
    );
    expect(await standingDecision(db, rolloutId, "canary")).toMatchObject({ decision: "waiting" });
    await expect(decide(1, "ann")).rejects.toMatchObject({ code: "forbidden" });
    expect(await decide(1, "ben")).toMatchObject({ decision: "approved" });
  });

  it("counts asserted names, and says so, only where the policy does", async () => {
    const { decide } = await waiting("approvers: 2, asserted: true");
    await expect(decide(1, "ann")).rejects.toMatchObject({ code: "forbidden" });
    expect(await decide(0, "ben")).toMatchObject({ decision: "waiting", countedBy: "asserted" });
    expect(await decide(0, "eve")).toMatchObject({ decision: "approved", approvedBy: ["ben", "eve"] });
  });

  it("by proof alone: two keys of one owner are one, a person and a key do not add up, and a login is nobody", async () => {
    const { rolloutId, decide, scope } = await waiting("approvers: 2, proven: true, distinct_author: false");
    await expect(decide(1, "ben")).rejects.toMatchObject({
      code: "forbidden",
      message: expect.stringMatching(/proves nobody's name.*approval\.proven/),
    });
    const keys = await Promise.all(
      ["ann", "ann", "ben"].map(async (owner) => ({
        owner,
        text: (await createKey(db, { name: "k", role: "releaser", grants: {}, owner })).key,
      })),
    );
    const person = { kind: "person", name: "1@idp", about: {}, role: "releaser", grants: {} } as const;
    const session = readKey(await openPersonSession(db, person), "session")!;
    const approve = (acting: Database, by: string, proof: PrincipalKind) =>
      decideApproval(acting, {
        scope,
        version: { prompt, number: 2 },
        decision: "approve",
        by,
        comment: "",
        proof,
      });
    const byKey = (at: number) => approve(actingAs(db, readKey(keys[at]!.text)!), keys[at]!.owner, "key");
    expect(await byKey(0)).toMatchObject({ decision: "waiting", approvedBy: ["ann"], countedBy: "proven" });
    expect(await byKey(1)).toMatchObject({ decision: "waiting", approvedBy: ["ann"] });
    // Whoever has signed in may be Ann.
    expect(await approve(actingAs(db, session), "1@idp", "person")).toMatchObject({
      decision: "waiting",
      counts: false,
    });
    // A row that a login has written by itself.
    await sql`insert into sluice.approvals (rollout_id, point, decision, asserted_actor) values (${rolloutId}, 'canary', 'approve', 'eve')`.execute(
      logins[2]!.db,
    );
    expect(await standingDecision(db, rolloutId, "canary")).toMatchObject({
      decision: "waiting",
      approvedBy: ["ann"],
    });
    expect(await byKey(2)).toMatchObject({ decision: "approved", approvedBy: ["ann", "ben"] });
  });

  it("by proof alone is somebody else's only where it is proven who pushed, and by the same kind of proof", async () => {
    const { scope } = await waiting("approvers: 1, proven: true");
    const key = readKey(
      (await createKey(db, { name: "k", role: "releaser", grants: {}, owner: "ben" })).key,
    )!;
    const byKey = (number: number) =>
      decideApproval(actingAs(db, key), {
        scope,
        version: { prompt, number },
        decision: "approve",
        by: "ben",
        comment: "",
        proof: "key",
      });
    // A login has pushed it.
    await expect(byKey(2)).rejects.toMatchObject({
      code: "forbidden",
      message: expect.stringMatching(/is not proven, and it might be ben/),
    });
    await sql`alter table sluice.audit disable trigger audit_never_changes`.execute(db);
    const pushedBy = (principal: object) =>
      sql`update sluice.audit set principal = ${JSON.stringify(principal)}::jsonb where prompt = ${prompt} and action = 'version_pushed'`.execute(
        db,
      );
    await pushedBy({ kind: "person", id: "x", name: "1@idp", by: "s" });
    await expect(byKey(2)).rejects.toMatchObject({
      code: "forbidden",
      message: expect.stringMatching(/1@idp pushed .* signed in, and might be ben, who is here with a key/),
    });
    await pushedBy({ kind: "key", id: "x", name: "ben", by: "s" });
    await expect(byKey(2)).rejects.toMatchObject({ code: "forbidden" });
    await pushedBy({ kind: "workload", id: "x", name: "repository:1@idp", by: "s" });
    expect(await byKey(2)).toMatchObject({ decision: "approved", approvedBy: ["ben"] });
    await sql`alter table sluice.audit enable trigger audit_never_changes`.execute(db);
  });

  it("carries the login that the database saw, and is nobody else's to change or remove", async () => {
    const { rolloutId, decide } = await waiting("approvers: 2");
    const [, ben, eve] = logins;
    const as = (who: number, text: string) => sql.raw(text).execute(logins[who]!.db);
    await as(
      1,
      `insert into sluice.approvals (rollout_id, point, decision, actor, decided_at)
       values ('${rolloutId}', 'canary', 'approve', '${eve!.role}', '2001-01-01')`,
    );
    const { rows } = await sql<{ actor: string; decided_at: Date }>`
      select actor, decided_at from sluice.approvals where rollout_id = ${rolloutId}`.execute(db);
    expect(rows).toMatchObject([{ actor: ben!.role }]);
    expect(rows[0]!.decided_at.getFullYear()).toBeGreaterThan(2001);
    for (const change of [
      "update sluice.approvals set decision = 'reject'",
      `update sluice.approvals set actor = '${eve!.role}'`,
      "delete from sluice.approvals",
      "truncate sluice.approvals",
    ])
      await expect(as(2, change)).rejects.toThrow(/is not .* to change|append-only/);
    await expect(as(1, "update sluice.approvals set asserted_actor = 'x'")).rejects.toThrow(/to change/);
    expect(await decide(1, "", "reject")).toMatchObject({ decision: "rejected" });
  });
});

import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { budgetOver, type BudgetLedger } from "../../src/providers/budget.ts";
import { type Database, openDatabase } from "../../src/storage/database.ts";
import { budgetOf } from "../../src/storage/read/evaluation.ts";
import { forfeitReservations, openBudget, postgresLedger } from "../../src/storage/write/budget-ledger.ts";
import { createTestDatabase, type TestDatabase } from "../support/database.ts";
import { someEvaluation } from "../support/some-evaluation.ts";

describe("a budget in Postgres", () => {
  let database: TestDatabase;
  let db: Database;
  let id: string;
  beforeEach(async () => {
    database = await createTestDatabase();
    db = openDatabase(database.url);
    id = await someEvaluation(db);
  });
  afterEach(async () => {
    await db.destroy();
    await database.drop();
  });
  const ledger = (piece: string, attempt = "1", of = db) => postgresLedger(of, id, { piece, attempt });
  async function reserved(from: BudgetLedger, usd: number): Promise<string> {
    const answer = await from.reserve(usd);
    if (!("id" in answer)) throw new Error("refused");
    return answer.id;
  }

  it("is never exceeded by workers that reserve at once", async () => {
    await openBudget(db, id, 1);
    const other = openDatabase(database.url);
    try {
      const answers = await Promise.all(
        Array.from({ length: 60 }, (_, i) => ledger(`${i}`, "1", i % 2 ? db : other).reserve(0.03)),
      );
      expect(answers.filter((answer) => "id" in answer)).toHaveLength(33);
      expect(await budgetOf(db, id)).toEqual({ capUsd: 1, spentUsd: 0, reservedUsd: 0.99 });
    } finally {
      await other.destroy();
    }
  });

  it("keeps exact sums, and settles a reservation once", async () => {
    await openBudget(db, id, 1);
    const first = await reserved(ledger("a"), 0.1);
    await reserved(ledger("a"), 0.2);
    await ledger("a").settle(first, 0.05);
    await ledger("a").settle(first, 0.05);
    expect(await budgetOf(db, id)).toEqual({ capUsd: 1, spentUsd: 0.05, reservedUsd: 0.2 });
    expect(await ledger("a").reserve(0.76)).toEqual({ spentUsd: 0.05, capUsd: 1 });
    await reserved(ledger("a"), 0.75);
  });

  it("counts as spent what a dead worker has reserved, until that settles after all", async () => {
    await openBudget(db, id, 1);
    const lost = await reserved(ledger("a", "1"), 0.4);
    await reserved(ledger("b", "1"), 0.1);
    await forfeitReservations(db, id, { piece: "a", attempt: "2" });
    await forfeitReservations(db, id, { piece: "a", attempt: "2" });
    expect(await budgetOf(db, id)).toEqual({ capUsd: 1, spentUsd: 0.4, reservedUsd: 0.1 });
    await ledger("a", "1").settle(lost, 0.15);
    expect(await budgetOf(db, id)).toEqual({ capUsd: 1, spentUsd: 0.15, reservedUsd: 0.1 });
  });

  it("lets a call wait for what others may give back, and go when nobody can", async () => {
    await openBudget(db, id, 1);
    const dead = await reserved(ledger("a", "1"), 0.4);
    const alive = await reserved(ledger("b"), 0.5);
    const waiting = budgetOver(ledger("c")).reserve(0.55);
    await ledger("b").settle(alive, 0.3);
    await forfeitReservations(db, id, { piece: "a", attempt: "2" });
    expect(await waiting).toBeUndefined();
    await ledger("a").settle(dead, 0);
    expect(await budgetOver(ledger("c")).reserve(0.55)).toBeDefined();
  });

  it("is opened once", async () => {
    await openBudget(db, id, 1);
    await openBudget(db, id, 5);
    expect((await budgetOf(db, id))!.capUsd).toBe(1);
  });
});

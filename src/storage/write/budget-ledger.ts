import { randomUUID } from "node:crypto";
import { sql } from "kysely";
import { SluiceError } from "../../domain/errors.ts";
import type { BudgetLedger } from "../../providers/budget.ts";
import type { Database } from "../database.ts";
import { transact } from "../transact.ts";

/** Gives an evaluation its budget, unless it has one. In US dollars. */
export async function openBudget(db: Database, evaluationId: string, capUsd: number): Promise<void> {
  await db
    .insertInto("evaluation_budgets")
    .values({ evaluation_id: evaluationId, cap_usd: capUsd })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
}

/** Who sets money aside: one attempt at one piece of an evaluation. */
export interface Holder {
  readonly piece: string;
  readonly attempt: string;
}

const holderName = ({ piece, attempt }: Holder) => `${piece}#${attempt}`;

/**
 * An evaluation's budget as all workers share it. Each step is one statement, and may be repeated: a lost
 * acknowledgement reserves or settles nothing twice.
 */
export function postgresLedger(db: Database, evaluationId: string, holder: Holder): BudgetLedger {
  return {
    async reserve(usd) {
      const id = randomUUID();
      const answer = await transact(db, async (transaction) => {
        const { rows } = await sql<{ reserved: boolean; spent: string; cap: string }>`
          with room as (
            update sluice.evaluation_budgets set reserved_usd = reserved_usd + ${usd}::numeric
            where evaluation_id = ${evaluationId} and spent_usd + reserved_usd + ${usd}::numeric <= cap_usd
              and not exists (select from sluice.budget_reservations where id = ${id})
            returning evaluation_id
          ), added as (
            insert into sluice.budget_reservations (id, evaluation_id, holder, usd)
            select ${id}::uuid, evaluation_id, ${holderName(holder)}, ${usd}::numeric from room returning id
          )
          select exists (select from added union all select from sluice.budget_reservations where id = ${id})
            as reserved, spent_usd as spent, cap_usd as cap
          from sluice.evaluation_budgets where evaluation_id = ${evaluationId}`.execute(transaction);
        return rows[0];
      });
      if (!answer) throw new SluiceError("internal", `evaluation ${evaluationId} has no budget`);
      return answer.reserved ? { id } : { spentUsd: Number(answer.spent), capUsd: Number(answer.cap) };
    },
    async settle(id, usd) {
      await transact(db, async (transaction) => {
        await sql`
          with gone as (
            delete from sluice.budget_reservations where id = ${id} returning evaluation_id, usd, forfeited
          )
          update sluice.evaluation_budgets b
          set spent_usd = spent_usd + ${usd}::numeric - case when gone.forfeited then gone.usd else 0 end,
            reserved_usd = reserved_usd - case when gone.forfeited then 0 else gone.usd end
          from gone where b.evaluation_id = gone.evaluation_id`.execute(transaction);
      });
    },
  };
}

/**
 * Counts as spent what earlier attempts at a piece have set aside and never settled: their worker died, and
 * what those calls have cost nobody knows. One that lives after all corrects it when it settles.
 */
export async function forfeitReservations(db: Database, evaluationId: string, holder: Holder): Promise<void> {
  await transact(db, async (transaction) => {
    await sql`
      with dead as (
        update sluice.budget_reservations set forfeited = true
        where evaluation_id = ${evaluationId} and not forfeited
          and split_part(holder, '#', 1) = ${holder.piece} and holder <> ${holderName(holder)}
        returning usd
      ), total as (select coalesce(sum(usd), 0) as usd from dead)
      update sluice.evaluation_budgets
      set spent_usd = spent_usd + total.usd, reserved_usd = reserved_usd - total.usd
      from total where evaluation_id = ${evaluationId} and total.usd > 0`.execute(transaction);
  });
}

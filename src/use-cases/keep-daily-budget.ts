import { SluiceError } from "../domain/errors.ts";
import type { DailyBudget } from "../domain/shapes/playground.ts";
import type { Budget } from "../providers/budget.ts";
import type { Database } from "../storage/database.ts";
import { spentToday } from "../storage/read/daily-spending.ts";
import { reserveForToday, settleReservation } from "../storage/write/daily-spending.ts";

/** Whose money it is, and how much of it a UTC day has. */
export interface DailySpender {
  readonly account: string;
  readonly owner: string;
  readonly capUsd: number;
  /** On what, and which variable says how much: for messages. */
  readonly use: { readonly what: string; readonly variable: string };
}

/** What prompts are tried from. */
export const TRYING = { what: "trying", variable: "SLUICE_PLAYGROUND_USD" };

/**
 * What one person may spend today, whichever server they ask. A call that could go beyond it is `forbidden`, with
 * `kind: budget`, before it is made.
 */
export function keepDailyBudget(db: Database, spender: DailySpender): Budget {
  const { account, owner, capUsd } = spender;
  return {
    async reserve(usd) {
      const day = await db
        .transaction()
        .execute((transaction) => reserveForToday(transaction, { account, owner, usd, capUsd }));
      if (day === undefined) throw await spentUp(db, spender, usd);
      return {
        settle: (spentUsd) =>
          db
            .transaction()
            .execute((transaction) => settleReservation(transaction, { account, day, usd, spentUsd })),
      };
    },
  };
}

export async function readDailyBudget(
  db: Database,
  { account, capUsd }: Pick<DailySpender, "account" | "capUsd">,
): Promise<DailyBudget> {
  return { capUsd, ...(await spentToday(db, account)) };
}

async function spentUp(db: Database, spender: DailySpender, usd: number): Promise<SluiceError> {
  const { capUsd, spentUsd, reservedUsd, resetsAt } = await readDailyBudget(db, spender);
  const left = Math.max(0, capUsd - spentUsd - reservedUsd);
  return new SluiceError(
    "forbidden",
    `this could cost ${dollars(usd)}, and ${dollars(left)} of the ${dollars(capUsd)} a day that one person may spend on ${spender.use.what} is left; it begins anew at 00:00 UTC, and whoever runs the server can raise it (${spender.use.variable})`,
    { kind: "budget", capUsd, spentUsd, resetsAt },
  );
}

function dollars(usd: number): string {
  return `$${usd >= 0.1 || usd === 0 ? usd.toFixed(2) : Number(usd.toPrecision(2))}`;
}

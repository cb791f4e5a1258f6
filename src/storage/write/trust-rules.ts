import { sql } from "kysely";
import type { TrustRule } from "../../domain/shapes/trust-rules.ts";
import type { Transaction } from "../database.ts";
import { appendAudit } from "./append-audit.ts";
import type { KeyHand } from "./key-register.ts";

/** False when there is one of this name. The database refuses an admin a rule that can do more than they. */
export async function addTrustRule(
  transaction: Transaction,
  rule: TrustRule,
  { access, by }: KeyHand,
): Promise<boolean> {
  const added = access === "admin" ? await addByAdmin(transaction, rule) : await insert(transaction, rule);
  if (added) await audit(transaction, "trust_rule_added", rule.name, by, rule);
  return added;
}

/** False when there is none of this name that may be removed. The sessions that it has opened end with it. */
export async function removeTrustRule(
  transaction: Transaction,
  name: string,
  { access, by }: KeyHand,
): Promise<boolean> {
  const removed =
    access === "admin" ? await removeByAdmin(transaction, name) : await remove(transaction, name);
  if (removed) await audit(transaction, "trust_rule_removed", name, by);
  return removed;
}

async function insert(transaction: Transaction, { match, grants, ...rule }: TrustRule): Promise<boolean> {
  const { numInsertedOrUpdatedRows } = await transaction
    .insertInto("trust_rules")
    .values({ ...rule, match: JSON.stringify(match), grants: JSON.stringify(grants) })
    .onConflict((conflict) => conflict.column("name").doNothing())
    .executeTakeFirst();
  return (numInsertedOrUpdatedRows ?? 0n) > 0n;
}

async function addByAdmin(transaction: Transaction, rule: TrustRule): Promise<boolean> {
  const { rows } = await sql<{ added: boolean }>`
    select sluice.add_trust_rule(${JSON.stringify(rule)}::jsonb) as added`.execute(transaction);
  return rows[0]!.added;
}

async function remove(transaction: Transaction, name: string): Promise<boolean> {
  const { numDeletedRows } = await transaction
    .deleteFrom("trust_rules")
    .where("name", "=", name)
    .executeTakeFirst();
  return numDeletedRows > 0n;
}

async function removeByAdmin(transaction: Transaction, name: string): Promise<boolean> {
  const { rows } = await sql<{ removed: boolean }>`
    select sluice.remove_trust_rule(${name}) as removed`.execute(transaction);
  return rows[0]!.removed;
}

/** In the chain of no prompt's, as keys are. What was granted may name what not everybody may know of. */
async function audit(
  transaction: Transaction,
  action: "trust_rule_added" | "trust_rule_removed",
  name: string,
  by: string | null | undefined,
  rule?: TrustRule,
): Promise<void> {
  const what = rule && { platform: rule.platform, issuer: rule.issuer, match: rule.match, role: rule.role };
  await appendAudit(transaction, {
    prompt: "",
    action,
    assertedActor: by ?? null,
    details: { rule: name, ...what },
  });
}

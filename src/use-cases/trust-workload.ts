import { notFound, SluiceError } from "../domain/errors.ts";
import type { TrustRule, TrustRuleRequest } from "../domain/shapes/trust-rules.ts";
import { assertTrustRule } from "../domain/access/trust-rule.ts";
import { shown } from "../domain/text/visible.ts";
import type { Database } from "../storage/database.ts";
import { transact } from "../storage/transact.ts";
import type { KeyHand } from "../storage/write/key-register.ts";
import { addTrustRule, removeTrustRule } from "../storage/write/trust-rules.ts";

/** Lets CI jobs in that fit a rule. A rule that no token can fit is `invalid_input`, another one of its name `conflict`. */
export async function trustWorkload(
  db: Database,
  request: TrustRuleRequest,
  hand: KeyHand = {},
): Promise<TrustRule> {
  const rule = assertTrustRule(request);
  if (await transact(db, (transaction) => addTrustRule(transaction, rule, hand))) return rule;
  throw new SluiceError(
    "conflict",
    `there is a trust rule ${rule.name}, and rules do not change; remove it first, or give this one another name`,
    { rule: rule.name },
  );
}

/** No job is let in by the rule from now on, and what it has let in is refused within seconds. */
export async function distrustWorkload(
  db: Database,
  name: string,
  hand: KeyHand = {},
): Promise<{ name: string }> {
  if (await transact(db, (transaction) => removeTrustRule(transaction, name, hand))) return { name };
  throw notFound(`there is no trust rule ${shown(name)}; see: sluice trust list`, { rule: name });
}

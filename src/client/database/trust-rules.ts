import type { ListedTrustRule, TrustRule, TrustRuleRequest } from "../../domain/shapes/trust-rules.ts";
import { listTrustRules } from "../../storage/read/trust-rules.ts";
import { distrustWorkload, trustWorkload } from "../../use-cases/trust-workload.ts";
import type { DatabaseParts } from "./database-parts.ts";

export function trustRules(parts: DatabaseParts): Promise<readonly ListedTrustRule[]> {
  return parts.read(listTrustRules);
}

export function addTrustRule(parts: DatabaseParts, request: TrustRuleRequest): Promise<TrustRule> {
  return parts.write((db) => trustWorkload(db, request, { by: parts.actor }));
}

export function removeTrustRule(parts: DatabaseParts, name: string): Promise<{ readonly name: string }> {
  return parts.write((db) => distrustWorkload(db, name, { by: parts.actor }));
}

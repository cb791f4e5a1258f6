import type { ListedTrustRule, TrustRule, TrustRuleRequest } from "../../domain/shapes/trust-rules.ts";
import type { ServerConnection } from "./server-connection.ts";

export async function trustRules(server: ServerConnection): Promise<readonly ListedTrustRule[]> {
  const { items } = await server.get<{ items: ListedTrustRule[] }>("/v1/trust-rules", {});
  return items;
}

export function addTrustRule(server: ServerConnection, body: TrustRuleRequest): Promise<TrustRule> {
  return server.change("POST", "/v1/trust-rules", { body, once: true });
}

export function removeTrustRule(server: ServerConnection, name: string): Promise<{ readonly name: string }> {
  return server.change("DELETE", `/v1/trust-rules/${encodeURIComponent(name)}`, { body: undefined });
}

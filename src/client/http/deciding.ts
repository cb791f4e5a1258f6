import { parseVersionReference } from "../../domain/names.ts";
import type { MovedRules, NamedAnchor } from "../../domain/shapes/deciding.ts";
import { scopeUnder } from "../references.ts";
import type { AnchorRequest, RulesRequest } from "../requests.ts";
import { requireNumber } from "./prompts.ts";
import { scopeQuery } from "./records.ts";
import type { ServerConnection } from "./server-connection.ts";
import { namedRolloutId } from "./verification.ts";

export async function nameAnchor(server: ServerConnection, request: AnchorRequest): Promise<NamedAnchor> {
  const reference = parseVersionReference(request.version);
  const scope = scopeUnder(reference.prompt, request);
  const version = await requireNumber(server, reference);
  const body = { ...scopeQuery(scope), version, reason: request.reason };
  return server.change("POST", "/v1/anchors", { body });
}

export async function moveRules(
  server: ServerConnection,
  { rollout, from, to, reason }: RulesRequest,
): Promise<MovedRules> {
  const rolloutId = rollout && (await namedRolloutId(server, rollout));
  return server.change("POST", "/v1/decision-rules", { body: { rolloutId, from, to, reason } });
}

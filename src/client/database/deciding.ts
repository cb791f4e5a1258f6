import { parseVersionReference } from "../../domain/names.ts";
import type { MovedRules, NamedAnchor } from "../../domain/shapes/deciding.ts";
import { namedRolloutId } from "../../storage/read/named-rollout.ts";
import { numberedVersion } from "../../storage/read/version.ts";
import { changeDecisionRules } from "../../use-cases/change-decision-rules.ts";
import { nameAnchor as name } from "../../use-cases/name-anchor.ts";
import { namedRollout, scopeUnder } from "../references.ts";
import type { AnchorRequest, RulesRequest } from "../requests.ts";
import type { DatabaseParts } from "./database-parts.ts";

export function nameAnchor(parts: DatabaseParts, request: AnchorRequest): Promise<NamedAnchor> {
  const reference = parseVersionReference(request.version);
  const scope = scopeUnder(reference.prompt, request);
  const { reason } = request;
  return parts.write(async (db) => {
    const version = await numberedVersion(db, reference);
    return { anchor: await name(db, { scope, ...version, reason, by: parts.actor }), label: scope.label };
  });
}

export function moveRules(
  parts: DatabaseParts,
  { rollout, from, to, reason }: RulesRequest,
): Promise<MovedRules> {
  const named = rollout && namedRollout(rollout);
  return parts.write(async (db) => {
    const rolloutId = named && (await namedRolloutId(db, named));
    return { to, moved: await changeDecisionRules(db, { rolloutId, from, to, reason, by: parts.actor }) };
  });
}

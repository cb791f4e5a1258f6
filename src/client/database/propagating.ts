import { randomUUID } from "node:crypto";
import { parseReference } from "../../domain/names.ts";
import type { Propagation } from "../../domain/shapes/propagating.ts";
import { planPropagation } from "../../use-cases/plan-propagation.ts";
import { propagateInclude, requirePropagation } from "../../use-cases/propagate-include.ts";
import { type PropagateRequest, propagationOf } from "../propagation-requests.ts";
import { propagationId } from "../references.ts";
import type { DatabaseParts } from "./database-parts.ts";

export async function propagate(parts: DatabaseParts, request: PropagateRequest): Promise<Propagation> {
  const of = parseReference(request.version);
  const { to, label, rollout, maxCostUsd } = propagationOf(request);
  return parts.write(async (db) =>
    propagateInclude(db, parts.rollouts, await planPropagation(db, { of, to, label }), {
      id: randomUUID(),
      label: label ?? null,
      rollout,
      needsApproval: false,
      maxCostUsd: maxCostUsd ?? null,
      by: parts.actor,
    }),
  );
}

export async function propagation(parts: DatabaseParts, given: string): Promise<Propagation> {
  const id = propagationId(given);
  return parts.read((db) => requirePropagation(db, id));
}

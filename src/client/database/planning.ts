import { parseVersionReference } from "../../domain/names.ts";
import type { RolloutPlan, SimulatedPolicy } from "../../domain/shapes/planning.ts";
import { numberedVersion, requirePrompt } from "../../storage/read/version.ts";
import { givenPolicyOf } from "../../use-cases/load-policy-document.ts";
import { planDocument } from "../../use-cases/plan-document.ts";
import { planRollout } from "../../use-cases/plan-rollout.ts";
import { simulatedPolicy } from "../../use-cases/simulate-policy.ts";
import { policyToSimulate } from "../policy-to-simulate.ts";
import { scopeOf, scopeUnder } from "../references.ts";
import type { PlanRequest, SimulateRequest } from "../requests.ts";
import { simulateHere } from "../simulate-here.ts";
import type { DatabaseParts } from "./database-parts.ts";

export async function plan(parts: DatabaseParts, request: PlanRequest): Promise<RolloutPlan> {
  const reference = parseVersionReference(request.version);
  const scope = scopeUnder(reference.prompt, request);
  const { policyFile, policy, dataset, unitsPerDay } = request;
  return parts.read(async (db) => {
    const planned = await planRollout(db, {
      scope,
      ...(await numberedVersion(db, reference)),
      policyFile,
      policy: await givenPolicyOf(db, reference.prompt, { policy, dataset }),
      unitsPerDay,
    });
    return planDocument(planned, { scope, unitsPerDay });
  });
}

/** Without a prompt nothing is asked of the database. */
export async function simulate(parts: DatabaseParts, request: SimulateRequest): Promise<SimulatedPolicy> {
  const policy = await policyToSimulate(request);
  if (request.prompt === undefined) return simulateHere({ policy: policy! }, request);
  const scope = scopeOf({ ...request, prompt: request.prompt });
  const known = await parts.read(async (db) => {
    await requirePrompt(db, scope.prompt);
    return simulatedPolicy(db, { policy, scope });
  });
  return simulateHere(known, request);
}

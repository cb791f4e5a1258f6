import { parseVersionReference } from "../../domain/names.ts";
import type { RolloutPlan, SimulatedPolicy } from "../../domain/shapes/planning.ts";
import { policyToSimulate } from "../policy-to-simulate.ts";
import { scopeOf, scopeUnder } from "../references.ts";
import { type PlanRequest, type SimulateRequest, USUAL_RUNS, USUAL_SEED } from "../requests.ts";
import { writtenPolicy } from "../written-policy.ts";
import { requireNumber, requirePrompt } from "./prompts.ts";
import { scopeQuery } from "./records.ts";
import type { ServerConnection } from "./server-connection.ts";

export async function plan(server: ServerConnection, request: PlanRequest): Promise<RolloutPlan> {
  const reference = parseVersionReference(request.version);
  const scope = scopeUnder(reference.prompt, request);
  const written = await writtenPolicy(request);
  const version = await requireNumber(server, reference);
  const { unitsPerDay } = request;
  return server.compute("/v1/plan", { ...scopeQuery(scope), version, ...written, unitsPerDay });
}

/** Without a prompt nothing is asked of the server: it is computed here. */
export async function simulate(server: ServerConnection, request: SimulateRequest): Promise<SimulatedPolicy> {
  const { prompt, effect, baseline, segment, unitsPerDay, signal } = request;
  const read = await policyToSimulate(request);
  if (prompt === undefined) {
    const { simulateHere } = await import("../simulate-here.ts");
    return simulateHere({ policy: read! }, request);
  }
  const scope = scopeOf({ ...request, prompt });
  // What its gate would ask is no matter of a simulation, so no test cases are sent.
  const { policy } = await writtenPolicy(request);
  await requirePrompt(server, prompt);
  const { runs = USUAL_RUNS, seed = USUAL_SEED } = request;
  const body = { ...scopeQuery(scope), policy, effect, baseline, segment, unitsPerDay, runs, seed };
  return server.compute("/v1/simulations", body, signal);
}

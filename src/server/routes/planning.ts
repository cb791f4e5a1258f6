import { givenPolicyOf, readPolicyDocument } from "../../use-cases/load-policy-document.ts";
import { assertPromptSeen } from "../auth/prompt-seen.ts";
import { planBody, plannedRollout, simulation, simulationBody } from "../contract/planning.ts";
import { answer, defineRoute } from "../route.ts";
import { placeOfScope, scopeOf } from "../scope-of.ts";

export const planVersion = defineRoute({
  method: "POST",
  path: "/v1/plan",
  summary: "Before a rollout: how many users it needs, how long it takes, what it can find",
  about:
    "From what the version that is served has done in the last 7 days. Changes nothing. Computed apart: 503 where too much is being computed already.",
  allow: { permission: "author", places: ({ body }) => placeOfScope(body) },
  limit: "heavy",
  bodyLimit: 20 << 20,
  body: planBody,
  answers: { 200: plannedRollout },
  idempotency: "natural",
  async run({ body, parts: { db, pool }, signal }) {
    const { prompt, version: number, unitsPerDay } = body;
    await assertPromptSeen(db, prompt);
    const request = {
      scope: scopeOf(body),
      prompt,
      number,
      policy: await givenPolicyOf(db, prompt, body),
      unitsPerDay,
    };
    return answer(200, (await pool.compute("plan", request, signal)) as never);
  },
});

export const simulateRollouts = defineRoute({
  method: "POST",
  path: "/v1/simulations",
  summary: "How often a policy would promote or roll back, in an imagined scenario",
  about:
    "Decided look by look by the code that decides real rollouts. The same seed gives the same answer. Computed apart: 503 where too much is being computed already.",
  allow: {
    permission: "author",
    places: ({ body: { prompt, ...scope } }) =>
      prompt === undefined ? { use: "read" } : placeOfScope({ prompt, ...scope }),
  },
  limit: "heavy",
  body: simulationBody,
  answers: { 200: simulation },
  idempotency: "natural",
  async run({ body, parts: { db, pool }, signal }) {
    const { prompt, label, model, tenant, policy: written, ...request } = body;
    if (prompt !== undefined) await assertPromptSeen(db, prompt);
    const scope = prompt === undefined ? undefined : scopeOf({ prompt, label, model, tenant });
    const policy = written === undefined ? undefined : readPolicyDocument(written);
    return answer(200, (await pool.compute("simulate", { ...request, scope, policy }, signal)) as never);
  },
});

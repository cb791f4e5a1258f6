import { invalidInput, notFound } from "../../domain/errors.ts";
import { listEvaluations, pageOfResults, promptOfEvaluation } from "../../storage/read/evaluation-list.ts";
import { readEvaluatedCases, showEvaluation } from "../../use-cases/read-evaluated-cases.ts";
import { reportEvaluation } from "../../use-cases/report-evaluation.ts";
import { limitsOf } from "../../use-cases/choose-gate.ts";
import { requestEvaluation } from "../../use-cases/request-evaluation.ts";
import { stopEvaluation } from "../../use-cases/stop-evaluation.ts";
import { assertPromptSeen } from "../auth/prompt-seen.ts";
import {
  evaluationBody,
  evaluationList,
  evaluationParams,
  evaluationsQuery,
  junit,
  requestedEvaluation,
  resultList,
  resultsQuery,
  shownEvaluation as shown,
  stopBody,
  stoppedEvaluation,
  caseList,
  casesQuery,
} from "../contract/evaluations.ts";
import { UNKNOWN_LOSS } from "../../storage/read/evaluation-cases.ts";
import { nextOf, USUAL_ITEMS } from "../contract/paging.ts";
import { operationUuid } from "../requests/idempotency-key.ts";
import type { Parts } from "../parts.ts";
import { notNow, rightTo } from "../rights/rights.ts";
import { answer, answerText, type Caller, defineRoute, type Place } from "../route.ts";
import { placeOfScope, scopeOf } from "../scope-of.ts";

export const evaluateVersion = defineRoute({
  method: "POST",
  path: "/v1/evaluations",
  summary: "Has workers evaluate a version, whoever waits for it",
  about:
    "By the policy's gate, against what the label serves. It ends when it is done, has spent `maxCostUsd`, or failed; it vouches for no move of a pointer, as `sluice eval` does not.",
  allow: { permission: "author", places: ({ body }) => placeOfScope(body) },
  limit: "write",
  bodyLimit: 20 << 20,
  body: evaluationBody,
  answers: { 202: requestedEvaluation },
  idempotency: "operation",
  async run({ body, caller, parts, operationId }) {
    const { prompt, version: number, baseline, policy, dataset, maxCostUsd, passRateThreshold } = body;
    const { repeats, minPassRate, maxRegression } = body;
    if (maxCostUsd > parts.maxEvaluationUsd)
      throw invalidInput(
        `body.maxCostUsd: an evaluation over HTTP may spend ${parts.maxEvaluationUsd} US dollars at most (SLUICE_MAX_EVALUATION_USD of the server)`,
        { at: "body.maxCostUsd", most: parts.maxEvaluationUsd },
      );
    await assertPromptSeen(parts.db, prompt);
    const requested = await requestEvaluation(caller.acting(), parts.rollouts, {
      id: operationUuid(operationId),
      scope: scopeOf(body),
      by: caller.key.owner,
      prompt,
      number,
      baseline,
      policy,
      dataset,
      limits: limitsOf({ repeats, minPassRate, maxRegression }),
      passRateThreshold,
      maxCostUsd,
    });
    return answer(202, requested, { location: `/v1/evaluations/${requested.evaluationId}` });
  },
});

export const listAllEvaluations = defineRoute({
  method: "GET",
  path: "/v1/evaluations",
  summary: "Evaluations, of gates and of requests, the newest first",
  allow: { permission: "read", places: "filtered" },
  limit: "read",
  query: evaluationsQuery,
  answers: { 200: evaluationList },
  async run({ query, caller: { grants: seen }, parts: { db } }) {
    const { prompt, limit = USUAL_ITEMS, cursor: before } = query;
    const items = await listEvaluations(db, { seen, prompt, limit, before });
    return answer(200, { items, next: nextOf(items, limit, ({ evaluationId }) => evaluationId) });
  },
});

const one = { method: "GET", limit: "read", params: evaluationParams } as const;
const allow = { permission: "read", places: "filtered" } as const;

export const getEvaluation = defineRoute({
  ...one,
  path: "/v1/evaluations/:id",
  summary: "How far an evaluation is, and what it has found",
  allow,
  answers: { 200: shown },
  async run({ params, caller, parts }) {
    const found = await requireEvaluation(caller, params.id, parts);
    const place = { prompt: found.prompt, use: "change" } as const;
    const stop =
      found.state !== "running"
        ? notNow("it has ended")
        : found.rolloutId !== null
          ? notNow("its rollout waits for it: stop that in its place")
          : await rightTo(stopRunning, place, { caller, parts });
    return answer(200, { ...found, can: { stop } } as never);
  },
});

export const stopRunning = defineRoute({
  method: "POST",
  path: "/v1/evaluations/:id/stop",
  summary: "Ends an evaluation that runs, without a verdict",
  about:
    "What was answered stays; no more is asked for. 409 where it has ended, or is the gate of a rollout, which is stopped itself.",
  allow: { permission: "author", places: placeOfEvaluation },
  limit: "write",
  params: evaluationParams,
  body: stopBody,
  answers: { 200: stoppedEvaluation },
  idempotency: "operation",
  async run({ params: { id }, body: { reason }, caller, parts, operationId }) {
    await requireEvaluation(caller, id, parts);
    const stop = { id, by: caller.key.owner, reason, operationId };
    await stopEvaluation(caller.acting(), parts.rollouts, stop);
    return answer(200, { evaluationId: id });
  },
});

export const listResults = defineRoute({
  ...one,
  path: "/v1/evaluations/:id/results",
  summary: "Its results, by case, repeat and version",
  allow,
  query: resultsQuery,
  answers: { 200: resultList },
  async run({ params: { id }, query: { limit = USUAL_ITEMS, cursor: after }, caller, parts }) {
    await requireEvaluation(caller, id, parts);
    const items = await pageOfResults(parts.db, id, { limit, after });
    const next = nextOf(items, limit, ({ caseIndex, repeat, arm }) => `${caseIndex}:${repeat}:${arm}`);
    return answer(200, { items: items as never, next });
  },
});

export const listCases = defineRoute({
  ...one,
  path: "/v1/evaluations/:id/cases",
  summary: "Its cases with what both versions made of them, those that got worse first",
  about: "`?show=worse`, `failed`, `better`, `errors`, `flaky` or `all`.",
  allow,
  query: casesQuery,
  answers: { 200: caseList },
  async run({ params: { id }, query, caller, parts }) {
    const { show = "all", q: text, limit = USUAL_ITEMS, cursor: after } = query;
    await requireEvaluation(caller, id, parts);
    const { cases, counts } = await readEvaluatedCases(parts.db, id, { show, text, limit, after });
    const next = nextOf(cases, limit, ({ loss, caseIndex }) => `${loss ?? UNKNOWN_LOSS}:${caseIndex}`);
    return answer(200, { items: cases as never, counts, next });
  },
});

export const getEvaluationReport = defineRoute({
  ...one,
  path: "/v1/evaluations/:id/report.xml",
  summary: "What it has found as JUnit XML, for CI systems; 409 while it runs",
  allow,
  answers: { 200: junit },
  givesText: "application/xml",
  async run({ params, caller, parts }) {
    const found = await requireEvaluation(caller, params.id, parts);
    return answerText(200, await reportEvaluation(parts.db, found), "application/xml");
  },
});

async function placeOfEvaluation(
  { params: { id } }: { readonly params: { readonly id: string } },
  { db }: Parts,
): Promise<Place> {
  const prompt = await promptOfEvaluation(db, id);
  if (prompt === undefined) throw noSuchEvaluation(id);
  return { prompt, use: "change" };
}

async function requireEvaluation({ grants }: Caller, id: string, { db }: Parts) {
  const found = await showEvaluation(db, id, grants);
  if (found) return found;
  throw noSuchEvaluation(id);
}

function noSuchEvaluation(id: string): Error {
  return notFound("there is no such evaluation that this key may see", { evaluationId: id });
}

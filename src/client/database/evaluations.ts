import { randomUUID } from "node:crypto";
import { notFound } from "../../domain/errors.ts";
import { assertPromptName } from "../../domain/names.ts";
import type { CaseResult } from "../../evaluation/grading/case-result.ts";
import type {
  ListedEvaluation,
  RequestedEvaluation,
  ShownEvaluation,
  StoppedEvaluation,
} from "../../evaluation/verdict/kept-evaluation.ts";
import { listEvaluations, pageOfResults, shownEvaluation } from "../../storage/read/evaluation-list.ts";
import { numberedVersion, requirePrompt } from "../../storage/read/version.ts";
import { limitsOf } from "../../use-cases/choose-gate.ts";
import { reportEvaluation } from "../../use-cases/report-evaluation.ts";
import { requestEvaluation } from "../../use-cases/request-evaluation.ts";
import { stopEvaluation as stop } from "../../use-cases/stop-evaluation.ts";
import { evaluatedVersions } from "../evaluated-versions.ts";
import { evaluationId } from "../references.ts";
import { type EvaluateRequest, type EvaluationsRequest, USUAL_EVALUATIONS } from "../requests.ts";
import { writtenGate } from "../written-gate.ts";
import type { DatabaseParts } from "./database-parts.ts";

export async function evaluate(parts: DatabaseParts, request: EvaluateRequest): Promise<RequestedEvaluation> {
  const { candidate, baseline, scope } = evaluatedVersions(request);
  const written = await writtenGate(request);
  const { maxCostUsd, passRateThreshold } = request;
  return parts.write(async (db) =>
    requestEvaluation(db, parts.rollouts, {
      id: randomUUID(),
      ...(await numberedVersion(db, candidate)),
      baseline: baseline && (await numberedVersion(db, baseline)).number,
      scope,
      ...written,
      limits: limitsOf(request),
      passRateThreshold,
      maxCostUsd,
      by: parts.actor,
    }),
  );
}

export async function stopEvaluation(
  parts: DatabaseParts,
  given: string,
  { reason }: { readonly reason: string },
): Promise<StoppedEvaluation> {
  const id = evaluationId(given);
  const asked = { id, by: parts.actor, reason, operationId: randomUUID() };
  await parts.write((db) => stop(db, parts.rollouts, asked));
  return { evaluationId: id };
}

export function evaluations(
  parts: DatabaseParts,
  { prompt: name, limit = USUAL_EVALUATIONS }: EvaluationsRequest = {},
): Promise<ListedEvaluation[]> {
  const prompt = name === undefined ? undefined : assertPromptName(name);
  return parts.read(async (db) => {
    const found = await listEvaluations(db, { seen: {}, prompt, limit });
    if (found.length === 0 && prompt !== undefined) await requirePrompt(db, prompt);
    return found;
  });
}

export function evaluation(parts: DatabaseParts, given: string): Promise<ShownEvaluation> {
  const id = evaluationId(given);
  return parts.read(async (db) => {
    const found = await shownEvaluation(db, id);
    if (found) return found;
    throw notFound(`there is no evaluation ${id}`, { evaluationId: id });
  });
}

export async function evaluationResults(parts: DatabaseParts, given: string): Promise<CaseResult[]> {
  const { evaluationId: id } = await evaluation(parts, given);
  return parts.read((db) => pageOfResults(db, id));
}

export async function evaluationReport(parts: DatabaseParts, given: string): Promise<string> {
  const found = await evaluation(parts, given);
  return parts.read((db) => reportEvaluation(db, found));
}

import { assertPromptName } from "../../domain/names.ts";
import type { CaseResult } from "../../evaluation/grading/case-result.ts";
import type {
  ListedEvaluation,
  RequestedEvaluation,
  ShownEvaluation,
  StoppedEvaluation,
} from "../../evaluation/verdict/kept-evaluation.ts";
import { evaluatedVersions } from "../evaluated-versions.ts";
import { evaluationId } from "../references.ts";
import { type EvaluateRequest, type EvaluationsRequest, USUAL_EVALUATIONS } from "../requests.ts";
import { writtenGate } from "../written-gate.ts";
import { readPages } from "./pages.ts";
import { requireNumber, requirePrompt } from "./prompts.ts";
import { scopeQuery } from "./records.ts";
import type { ServerConnection } from "./server-connection.ts";

export async function evaluate(
  server: ServerConnection,
  request: EvaluateRequest,
): Promise<RequestedEvaluation> {
  const { candidate, baseline, scope } = evaluatedVersions(request);
  const written = await writtenGate(request);
  const version = await requireNumber(server, candidate);
  const { repeats, minPassRate, maxRegression, passRateThreshold, maxCostUsd } = request;
  const body = {
    ...scopeQuery(scope),
    version,
    baseline: baseline && (await requireNumber(server, baseline)),
    ...written,
    repeats,
    minPassRate,
    maxRegression,
    passRateThreshold,
    maxCostUsd,
  };
  return server.change("POST", "/v1/evaluations", { body });
}

export async function stopEvaluation(
  server: ServerConnection,
  id: string,
  { reason }: { readonly reason: string },
): Promise<StoppedEvaluation> {
  return server.change("POST", `${addressOf(id)}/stop`, { body: { reason } });
}

export async function evaluations(
  server: ServerConnection,
  { prompt: name, limit = USUAL_EVALUATIONS }: EvaluationsRequest = {},
): Promise<ListedEvaluation[]> {
  const prompt = name === undefined ? undefined : assertPromptName(name);
  const found = await readPages<ListedEvaluation>(server, "/v1/evaluations", { prompt }, limit);
  if (found.length === 0 && prompt !== undefined) await requirePrompt(server, prompt);
  return found;
}

export async function evaluation(server: ServerConnection, id: string): Promise<ShownEvaluation> {
  return server.get(addressOf(id));
}

export async function evaluationResults(server: ServerConnection, id: string): Promise<CaseResult[]> {
  return readPages(server, `${addressOf(id)}/results`, {});
}

export async function evaluationReport(server: ServerConnection, id: string): Promise<string> {
  return server.text(`${addressOf(id)}/report.xml`);
}

function addressOf(id: string): string {
  return `/v1/evaluations/${evaluationId(id)}`;
}

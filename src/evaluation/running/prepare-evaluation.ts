import { parseModelTarget } from "../../domain/prompt/artifact.ts";
import { invalidInput } from "../../domain/errors.ts";
import type { CallTarget } from "../../providers/completion.ts";
import { createArm, tryRender } from "./arm.ts";
import { bindCases } from "./binding/bind-cases.ts";
import { askedFallbacks, caseRuns } from "./case-runs.ts";
import type { VersionArm } from "../grading/case-result.ts";
import { ownModels } from "./gate-budget.ts";
import { checkVersion } from "../checks/check-version.ts";
import { findLeaks } from "../checks/leaks.ts";
import type { EvaluationOptions } from "./evaluation-options.ts";
import type { PreparedEvaluation } from "./prepared-evaluation.ts";
import { withTransformedVars } from "./binding/transform-vars.ts";
import { loadSandbox, scriptFilters } from "../sandbox/script-filters.ts";
import { shown } from "../../domain/text/visible.ts";

/** Throws `invalid_input` for what cannot be asked. */
export async function prepareEvaluation(
  options: Pick<
    EvaluationOptions,
    | "candidate"
    | "baseline"
    | "endpoints"
    | "chatTexts"
    | "ways"
    | "forLangfuse"
    | "callers"
    | "dataset"
    | "gate"
    | "judge"
    | "providers"
  >,
): Promise<PreparedEvaluation> {
  const { candidate, baseline, endpoints, dataset, gate, providers } = options;
  const isChat = (arm: VersionArm) => options.chatTexts?.includes(arm) ?? false;
  const filtersOf = (arm: VersionArm) => scriptFilters(options.ways?.[arm]?.filters);
  if (Object.values(options.ways ?? {}).some((way) => way?.filters)) await loadSandbox();
  const armOfVersion = (name: VersionArm, artifact: typeof candidate) =>
    createArm(name, artifact, endpoints?.[name], isChat(name), options.ways?.[name]);
  const arms = [armOfVersion("candidate", candidate)];
  if (baseline) arms.push(armOfVersion("baseline", baseline));
  const written = options.judge ?? gate.judge;
  const judge = written === undefined ? arms[0]!.target : judgeTarget(written);
  // A provider that nobody has configured is said before anything is paid.
  for (const target of [...arms.map((arm) => arm.target), judge]) providers.endpointOf(target);
  const cases = bindCases(await withTransformedVars(dataset), arms);
  for (const one of cases) for (const target of one.assert.flatMap(ownModels)) providers.endpointOf(target);
  const fallbacks = askedFallbacks(candidate, { dataset, cases, gate });
  for (const { arm } of fallbacks) providers.endpointOf(arm.target);
  const checked = await checkVersion({
    candidate,
    live: baseline,
    vars: cases.find((one) => tryRender(arms[0]!, one))?.vars,
    maxTokenGrowth: gate.max_token_growth,
    forLangfuse: options.forLangfuse,
    callers: options.callers,
    strict: gate.strict ?? false,
    price: providers.priceOf(arms[0]!.target),
    filters: { candidate: filtersOf("candidate"), live: filtersOf("baseline") },
  });
  return {
    arms,
    fallbacks,
    cases,
    runs: caseRuns(arms, fallbacks, cases, gate.repeats),
    judge,
    checked,
    isSound: checked.findings.every(({ severity }) => severity !== "error"),
    leaks: findLeaks(cases, candidate),
  };
}

function judgeTarget(model: string): CallTarget {
  const target = parseModelTarget(model);
  if (!target)
    throw invalidInput(`the judge ${shown(model)} is not provider/model, as in openai/gpt-5.4-mini`, {
      model,
    });
  return target;
}

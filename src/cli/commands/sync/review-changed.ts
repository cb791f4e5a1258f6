import { sep } from "node:path";
import { invalidInput, SluiceError } from "../../../domain/errors.ts";
import type { ReviewedGate, ReviewedPrompt } from "../../../domain/shapes/reviewing.ts";
import type { VersionDiff } from "../../../domain/shapes/versions.ts";
import { failureList } from "../../../evaluation/reports/failure-list.ts";
import type { EvaluationReport } from "../../../evaluation/verdict/report.ts";
import type { ChangedPrompt } from "../../../review/changed-prompts.ts";
import type { BaselineMemory } from "../../../use-cases/remember-baseline.ts";
import { configureProviders } from "../../../use-cases/configure-providers.ts";
import type { PolicyOfFile } from "../../../use-cases/load-policy.ts";
import { diffSides, fileSide } from "../../../use-cases/diff-versions.ts";
import type { EvaluationStore } from "../../../use-cases/load-subject.ts";
import type { VersionLookup } from "../../../domain/prompt/include.ts";
import { planEvaluation } from "../../../use-cases/plan-evaluation.ts";
import type { CommandContext } from "../../context.ts";
import { evaluationStore } from "../../store.ts";
import { runPlannedEvaluation } from "../evaluating/run-planned-evaluation.ts";

export interface ReviewSettings {
  readonly quick: boolean;
  /** For all prompts together, in US dollars. */
  readonly maxCostUsd: number | undefined;
  readonly memory: BaselineMemory | undefined;
  /** The repository's policy, of prompts that have none of their own. */
  readonly policy: PolicyOfFile | undefined;
}

export interface ReviewedChanges {
  readonly prompts: readonly ReviewedPrompt[];
  readonly problems: readonly { readonly path: string; readonly message: string }[];
  readonly reports: readonly { readonly name: string; readonly report: EvaluationReport }[];
  readonly costUsd: number | null;
}

/** Holds each changed prompt to its gate against the base's version, one after the other, within one budget. */
export async function reviewChanged(
  context: CommandContext,
  changed: readonly ChangedPrompt[],
  settings: ReviewSettings,
): Promise<ReviewedChanges> {
  const prompts: ReviewedPrompt[] = [];
  const problems: { path: string; message: string }[] = [];
  const reports: { name: string; report: EvaluationReport }[] = [];
  let costUsd: number | null = 0;
  const store = evaluationStore(context);
  for (const one of changed) {
    const left = settings.maxCostUsd === undefined ? undefined : settings.maxCostUsd - (costUsd ?? 0);
    let report: EvaluationReport | string;
    try {
      report = await evaluateChanged(context, one, store, settings, left);
    } catch (error) {
      if (!(error instanceof SluiceError) || context.signal.aborted) throw error;
      report = error.message.replaceAll(`${context.cwd}${sep}`, "");
      // The file is at fault, or a part that is not there: the one stops the review, the other is said.
      if (error.code === "invalid_input") problems.push({ path: one.path, message: report });
    }
    if (typeof report !== "string") {
      reports.push({ name: one.subject, report });
      costUsd = costUsd === null || report.costUsd === null ? null : costUsd + report.costUsd;
    }
    prompts.push({
      prompt: one.name,
      path: one.path,
      line: one.line,
      baseline: one.baseline?.subject ?? null,
      diff: await diffOf(one, store.versions),
      ...(typeof report === "string"
        ? { gate: null, skipped: report }
        : { gate: reviewedGate(report, one.baselineProblem), skipped: null }),
    });
  }
  return { prompts, problems, reports, costUsd };
}

/** The report, or why there is none. */
async function evaluateChanged(
  context: CommandContext,
  { subject, baseline, file }: ChangedPrompt,
  store: EvaluationStore,
  { quick, memory, policy: common, maxCostUsd }: ReviewSettings,
  leftUsd: number | undefined,
): Promise<EvaluationReport | string> {
  const policy = file.policy ?? common;
  if (!policy?.dataset) return "it has no test cases: name a policy with a gate";
  if (leftUsd !== undefined && leftUsd <= 0) return `the spend cap of $${maxCostUsd} was used up before it`;
  const cap = Math.min(policy.policy.gate?.max_cost_usd ?? Infinity, leftUsd ?? Infinity);
  const planned = await planEvaluation(
    {
      subject,
      baseline: baseline?.subject,
      policy,
      limits: cap === Infinity ? {} : { max_cost_usd: cap },
      quick,
      scope: () => {
        throw invalidInput(`${subject} is no file`);
      },
    },
    store,
  );
  const concurrency = planned.kind === "comparison" ? planned.concurrency : undefined;
  const providers = await configureProviders(context.config, { concurrency });
  const { output, signal } = context;
  const evaluated = await runPlannedEvaluation({ output, signal, providers, memory }, planned);
  return evaluated.report;
}

/** Null where nothing differs, or what a file includes cannot be looked up: why its gate was skipped says so. */
async function diffOf(
  { file, path, baseline }: ChangedPrompt,
  versions: VersionLookup,
): Promise<VersionDiff | null> {
  if (!baseline) return null;
  try {
    const base = await fileSide("the base", baseline.file, versions);
    const diff = diffSides(base, await fileSide(path, file.file, versions));
    return diff.same ? null : diff;
  } catch (error) {
    if (error instanceof SluiceError) return null;
    throw error;
  }
}

function reviewedGate(report: EvaluationReport, baselineProblem: string | undefined): ReviewedGate {
  const failures = failureList(report);
  const isWorse = (one: (typeof failures)[number]) => !one.isError && one.baselinePassed === true;
  const { verdict, reason, passRate, baselinePassRate, regression, cases, costUsd, reused } = report;
  return {
    verdict,
    reason,
    passRate,
    baselinePassRate,
    regression,
    cases,
    costUsd,
    reused,
    worse: failures.filter(isWorse).map((one) => ({
      number: one.caseIndex + 1,
      description: one.description ?? null,
      reason: one.reason,
      before: one.baselineOutput ?? "",
      after: one.output,
    })),
    otherFailures: failures
      .filter((one) => !isWorse(one))
      .map(
        ({ caseIndex, description, reason: why }) =>
          `case ${caseIndex + 1}${description === undefined ? "" : ` (${description})`}: ${why}`,
      ),
    warnings: [
      ...(baselineProblem === undefined ? [] : [`not compared with the base: ${baselineProblem}`]),
      ...report.findings.map(({ message }) => message),
      ...report.warnings,
    ],
  };
}

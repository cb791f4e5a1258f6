import { sep } from "node:path";
import { invalidInput, SluiceError } from "../../../domain/errors.ts";
import { diffArtifacts } from "../../../domain/prompt/version-diff.ts";
import type { ReviewedGate, ReviewedPrompt } from "../../../domain/shapes/reviewing.ts";
import type { VersionDiff } from "../../../domain/shapes/versions.ts";
import { failureList } from "../../../evaluation/reports/failure-list.ts";
import type { EvaluationReport } from "../../../evaluation/verdict/report.ts";
import type { ChangedPrompt } from "../../../review/changed-prompts.ts";
import type { BaselineMemory } from "../../../use-cases/remember-baseline.ts";
import { configureProviders } from "../../../use-cases/configure-providers.ts";
import type { PolicyOfFile } from "../../../use-cases/load-policy.ts";
import { tokensOfFile } from "../../../use-cases/push.ts";
import { planEvaluation } from "../../../use-cases/plan-evaluation.ts";
import type { CommandContext } from "../../context.ts";
import { reading } from "../../store.ts";
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
  for (const one of changed) {
    const left = settings.maxCostUsd === undefined ? undefined : settings.maxCostUsd - (costUsd ?? 0);
    let report: EvaluationReport | string;
    try {
      report = await evaluateChanged(context, one, settings, left);
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
      diff: await diffOf(one),
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
    (work) => reading(context, work),
  );
  const concurrency = planned.kind === "comparison" ? planned.concurrency : undefined;
  const providers = await configureProviders(context.config, { concurrency });
  const { output, signal } = context;
  const evaluated = await runPlannedEvaluation({ output, signal, providers, memory }, planned);
  return evaluated.report;
}

async function diffOf({ file, path, baseline }: ChangedPrompt): Promise<VersionDiff | null> {
  if (!baseline || file.file.includes || baseline.file.includes) return null;
  const changes = diffArtifacts(baseline.file.artifact, file.file.artifact);
  if (changes.length === 0) return null;
  const [before, after] = await Promise.all([tokensOfFile(baseline.file), tokensOfFile(file.file)]);
  const tokens = { before: before?.tokens ?? 0, after: after?.tokens ?? 0 };
  return { from: "the base", to: path, same: false, tokens, changes };
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

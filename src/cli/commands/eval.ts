import { writeFile } from "node:fs/promises";
import { invalidInput } from "../../domain/errors.ts";
import { evaluate } from "../../evaluation/evaluate.ts";
import type { EvaluationReport, EvaluationVerdict } from "../../evaluation/report.ts";
import { createProviders } from "../../providers/create-providers.ts";
import { planEvaluation, type PlannedEvaluation } from "../../use-cases/plan-evaluation.ts";
import type { CommandArguments } from "../command-arguments.ts";
import type { CommandContext } from "../context.ts";
import { evaluationLines } from "../evaluation-lines.ts";
import { EXIT } from "../exit-codes.ts";
import { ProgressBar } from "../progress-bar.ts";
import { reading } from "../store.ts";

interface Evaluated extends PlannedEvaluation {
  readonly report: EvaluationReport;
}

/** The gate alone. With files it needs no server at all. */
export async function run(context: CommandContext, given: CommandArguments): Promise<number> {
  const { output, config, signal } = context;
  const plans = await planEvaluation(
    {
      subject: given.required(0),
      baseline: given.text("baseline"),
      datasetFile: given.text("dataset"),
      policyFile: given.text("policy"),
      repeats: given.integer("repeats", { min: 1, max: 100 }),
      scope: (prompt) => given.scope(prompt),
    },
    (work) => reading(context, work),
  );
  if (plans.length > 1 && (given.text("junit") || given.text("output") || given.text("markdown")))
    throw invalidInput(
      `${given.required(0)} has ${plans.length} prompts and providers: files are written for one at a time`,
    );
  context.minds();
  const providers = createProviders({
    openai: { apiKey: config.openai.apiKey, baseURL: config.openai.baseUrl },
    anthropic: { apiKey: config.anthropic.apiKey, baseURL: config.anthropic.baseUrl },
  });
  const done: Evaluated[] = [];
  for (const plan of plans) {
    const bar = new ProgressBar(output, plan.candidate.name);
    try {
      const report = await evaluate({
        candidate: plan.candidate.artifact,
        baseline: plan.baseline?.artifact,
        dataset: plan.dataset,
        gate: plan.gate,
        providers,
        signal,
        concurrency: plan.concurrency,
        onProgress: (progress) => bar.show(progress),
        onOutage: "report",
      });
      done.push({ ...plan, report });
    } catch (error) {
      if (!signal.aborted) throw error;
      bar.end();
      output.note("interrupted; nothing of it is kept");
      return signal.reason === "SIGTERM" ? EXIT.terminated : EXIT.interrupted;
    }
    bar.end();
  }
  await writeFiles(done[0]!, given);
  const documents = done.map(documentOf);
  output.result(documents.length === 1 ? documents[0] : { verdict: worst(done), columns: documents }, () =>
    done.flatMap((one) => evaluationLines(one.report, namesOf(one), output)),
  );
  return { pass: EXIT.yes, fail: EXIT.no, insufficient: EXIT.notEnough }[worst(done)];
}

function namesOf({ candidate, baseline }: PlannedEvaluation) {
  return { candidate: candidate.name, baseline: baseline?.name };
}

/** The contract's shape; `dataset` is its name, the rest of what is known of it beside. */
function documentOf({ report, candidate, baseline }: Evaluated) {
  const { dataset, ...rest } = report;
  return {
    candidate: candidate.name,
    versionId: candidate.versionId,
    baseline: baseline?.name ?? null,
    baselineId: baseline?.versionId ?? null,
    dataset: dataset.name,
    datasetSha256: dataset.sha256,
    ...rest,
  };
}

function worst(done: readonly Evaluated[]): EvaluationVerdict {
  const verdicts = new Set(done.map(({ report }) => report.verdict));
  return verdicts.has("fail") ? "fail" : verdicts.has("insufficient") ? "insufficient" : "pass";
}

async function writeFiles(evaluated: Evaluated, given: CommandArguments): Promise<void> {
  const { report, candidate, baseline, dataset } = evaluated;
  const junit = given.text("junit");
  if (junit !== undefined) {
    const { junitReport } = await import("../../evaluation/reports/junit.ts");
    await write(junit, junitReport(report, candidate.name));
  }
  const markdown = given.text("markdown");
  if (markdown !== undefined) {
    const { markdownReport } = await import("../../evaluation/reports/markdown.ts");
    await write(markdown, markdownReport(report, namesOf(evaluated)));
  }
  const output = given.text("output");
  if (output !== undefined) {
    const { promptfooOutput } = await import("../../evaluation/reports/promptfoo-output.ts");
    const timestamp = new Date().toISOString();
    const facts = {
      evalId: `sluice-${report.candidateSha256.slice(0, 8)}-${timestamp}`,
      timestamp,
      candidateLabel: candidate.name,
      baselineLabel: baseline?.name,
      candidateModel: candidate.artifact.model,
      baselineModel: baseline?.artifact.model,
      vars: dataset.cases.map(({ vars }) => vars),
    };
    await write(output, `${JSON.stringify(promptfooOutput(report, facts), null, 2)}\n`);
  }
}

async function write(path: string, text: string): Promise<void> {
  try {
    await writeFile(path, text);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw invalidInput(`${path}: cannot be written (${code}); name a file in a folder that exists`, { path });
  }
}

import { counted } from "../../../domain/text/counted.ts";
import { invalidInput, unavailable } from "../../../domain/errors.ts";
import type { Sluice } from "../../../client/sluice.ts";
import { compareResults } from "../../../evaluation/grading/case-result.ts";
import type { RequestedEvaluation, ShownEvaluation } from "../../../evaluation/verdict/kept-evaluation.ts";
import type { GivenLimits } from "../../../use-cases/choose-gate.ts";
import { isFileArgument, type NamedSubject } from "../../../use-cases/read-subject.ts";
import type { Given } from "../../parsing/given.ts";
import type { CommandContext } from "../../context.ts";
import { Interrupted } from "../../../terminal/interruption.ts";
import { ProgressBar } from "../../../terminal/progress-bar.ts";
import { withSluice } from "../../store.ts";
import type { Evaluated } from "./run-planned-evaluation.ts";

/** A stored version, held to the gate by the workers of a server: they ask the models, with keys of their own. */
export async function evaluateThroughServer(
  context: CommandContext,
  given: Given<"eval">,
  named: NamedSubject & { readonly kind: "stored" },
  limits: GivenLimits,
): Promise<Evaluated> {
  refuseOptions(given);
  const maxCostUsd = given.number("maxCost");
  if (maxCostUsd === undefined)
    throw invalidInput(
      "over a server workers spend it: say what they may spend at most with --max-cost USD",
      {
        option: "max-cost",
      },
    );
  const { output, config } = context;
  return withSluice(context, async (sluice) => {
    const { version } = await sluice.show(given.required(0));
    const started = await sluice.evaluate({
      ...given.scope(named.prompt),
      version: `${named.prompt}@${version}`,
      baseline: given.text("baseline"),
      policyFile: given.text("policy"),
      datasetFile: given.text("dataset"),
      ...limits,
      passRateThreshold: config.passRateThreshold,
      maxCostUsd,
    });
    const { evaluationId: id, candidate, baseline, cases, runs } = started;
    output.progress(
      `${candidate}: ${counted(cases, "case")}, ${counted(runs, "call")} at most, for $${maxCostUsd} at most; evaluation ${id}`,
    );
    context.endsItself();
    const { report } = await follow(context, sluice, started);
    const results = (await sluice.evaluationResults(id)).toSorted(compareResults);
    const subject = async (name: string) => {
      const { versionId, artifact } = await sluice.show(name);
      return { name, versionId, artifact };
    };
    const whole = { ...report!, results };
    const column = {
      candidate: await subject(candidate),
      baseline: baseline === null ? undefined : await subject(baseline),
      report: whole,
      vars: [],
    };
    return { report: whole, columns: [column] };
  });
}

async function follow(
  { output, signal }: CommandContext,
  sluice: Sluice,
  { evaluationId, candidate, runs: total }: RequestedEvaluation,
): Promise<ShownEvaluation> {
  const bar = new ProgressBar(output, candidate);
  let last: ShownEvaluation | undefined;
  try {
    for await (const now of sluice.followEvaluation(evaluationId, { signal })) {
      last = now;
      bar.show({ done: now.recorded, total, errors: now.errors, costUsd: now.costUsd });
    }
  } finally {
    bar.end();
  }
  if (last?.state === "ended") return last;
  if (last?.state === "failed")
    throw unavailable(`the evaluation has ended without a verdict: ${last.reason}`, { evaluationId });
  throw new Interrupted(`no longer following; evaluation ${evaluationId} goes on`, signal);
}

/** What only asking the models from here can do. */
function refuseOptions(given: Given<"eval">): void {
  const here = [
    ["--quick", given.flag("quick")],
    ["--temperature", given.text("temperature") !== undefined],
    ["--remeasure", given.flag("remeasure")],
    ["--prices", given.text("prices") !== undefined],
    ["--output", given.text("output") !== undefined],
  ] as const;
  const baseline = given.text("baseline");
  const isOfFile = baseline !== undefined && (baseline.startsWith("git:") || isFileArgument(baseline));
  const [option] = isOfFile ? ["--baseline of a file"] : (here.find(([, isGiven]) => isGiven) ?? []);
  if (option === undefined) return;
  throw invalidInput(
    `${option}: over a server its workers ask the models; leave it out, evaluate a file (sluice show NAME@N --file > FILE), or unset SLUICE_URL and set DATABASE_URL`,
    { option },
  );
}

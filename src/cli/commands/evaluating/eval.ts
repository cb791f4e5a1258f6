import { type Config, readAllowedVariables } from "../../../config.ts";
import { invalidInput } from "../../../domain/errors.ts";
import { eachVendor } from "../../../domain/models/vendors.ts";
import { readHost } from "../../../evaluation/promptfoo/config-endpoint.ts";
import { openContents } from "../../../outbound/contents/open-contents.ts";
import { withDatabase } from "../../../storage/database.ts";
import { type BaselineMemory, rememberBaseline } from "../../../use-cases/remember-baseline.ts";
import { configureProviders, readNamedProviders } from "../../../use-cases/configure-providers.ts";
import { type PlannedEvaluation, planEvaluation } from "../../../use-cases/plan-evaluation.ts";
import { type GivenLimits, limitsOf } from "../../../use-cases/choose-gate.ts";
import { isFileArgument, type NamedSubject, readSubject } from "../../../use-cases/read-subject.ts";
import { keepEvaluation } from "../../../use-cases/keep-evaluation.ts";
import { describeQuick, type Quick } from "../../../evaluation/running/quick-evaluation.ts";
import type { Given } from "../../parsing/given.ts";
import type { CommandContext } from "../../context.ts";
import { evaluationDocument } from "../../showing/evaluation-document.ts";
import { evaluationLines, overviewLines } from "../../showing/evaluation-lines.ts";
import { EXIT } from "../../../terminal/exit-codes.ts";
import { Interrupted } from "../../../terminal/interruption.ts";
import { type Evaluated, runPlannedEvaluation } from "./run-planned-evaluation.ts";
import { evaluationStore } from "../../store.ts";
import { storeError } from "../../../storage/store-error.ts";
import { writeEvaluationFiles } from "./write-evaluation-files.ts";

/** The gate alone. With files it needs no server at all. */
export async function run(context: CommandContext, given: Given<"eval">): Promise<number> {
  const { output, signal } = context;
  const limits = readLimits(given);
  const named = context.config.server && (await storedSubject(given.required(0)));
  if (named) {
    const { evaluateThroughServer } = await import("./eval-through-server.ts");
    return end(context, given, await evaluateThroughServer(context, given, named, limits));
  }
  const access = {
    own: await ownEndpoints(context.config),
    hosts: given.list("allowNetwork").map(readHost),
    env: readAllowedVariables(given.list("allowEnv")),
  };
  const planned = await planEvaluation(
    {
      subject: given.required(0),
      baseline: given.text("baseline"),
      datasetFile: given.text("dataset"),
      policyFile: given.text("policy"),
      limits: { ...limitsOf(limits), ...readMaxCost(given) },
      passRateThreshold: context.config.passRateThreshold,
      quick: given.flag("quick"),
      temperature: readTemperature(given),
      access,
      scope: (prompt) => given.scope(prompt),
    },
    evaluationStore(context),
  );
  const providers = await configureProviders(context.config, {
    pricesFile: given.text("prices"),
    concurrency: concurrencyOf(planned),
  });
  context.endsItself();
  if (planned.quick) output.progress(describeQuick(planned.quick));
  let evaluated: Evaluated;
  try {
    const stage = { output, signal, providers };
    evaluated = given.flag("remeasure")
      ? await runPlannedEvaluation(stage, planned)
      : await withMemory(context, planned, (memory) => runPlannedEvaluation({ ...stage, memory }, planned));
  } catch (error) {
    if (!signal.aborted) throw error;
    throw new Interrupted("interrupted; nothing of it is kept", signal);
  }
  const isAltered = planned.kind === "comparison" && planned.altered === true;
  if (!planned.quick && !isAltered) await keepWithVersion(context, planned, evaluated);
  return end(context, given, evaluated, planned.quick);
}

/** The stored version that is named; undefined for a file, be it a prompt or a configuration. */
async function storedSubject(
  text: string,
): Promise<(NamedSubject & { readonly kind: "stored" }) | undefined> {
  if (isFileArgument(text)) return undefined;
  const named = await readSubject(text);
  return named.kind === "stored" ? named : undefined;
}

/** Prints what was found, and says by the exit code how it went. */
async function end(
  { output }: CommandContext,
  given: Given<"eval">,
  evaluated: Evaluated,
  quick?: Quick,
): Promise<number> {
  await writeEvaluationFiles(evaluated, given);
  output.result(evaluationDocument(given.required(0), evaluated, quick), () => [
    ...overviewLines(evaluated, output),
    ...evaluated.columns.flatMap(({ report, candidate, baseline }, index) => [
      ...(index > 0 ? [""] : []),
      ...evaluationLines(report, { candidate: candidate.name, baseline: baseline?.name }, output),
    ]),
  ]);
  const { verdict, looks } = evaluated.report;
  if (verdict === "insufficient" && looks === "fine" && given.flag("acceptFine")) return EXIT.yes;
  return { pass: EXIT.yes, fail: EXIT.no, insufficient: EXIT.notEnough }[verdict];
}

/** With the database, where there is one and a baseline that may be known there; without it where it is unreachable. */
async function withMemory<T>(
  { config, output }: CommandContext,
  planned: PlannedEvaluation,
  work: (memory: BaselineMemory | undefined) => Promise<T>,
): Promise<T> {
  const databaseUrl = databaseOf(config);
  if (databaseUrl === undefined || planned.kind !== "comparison" || !planned.baseline) return work(undefined);
  return withDatabase(databaseUrl, (db) =>
    work(
      rememberBaseline(db, (error) => {
        const { message } = storeError(databaseUrl, error) as Error;
        output.note(`earlier results of the baseline cannot be reused: ${message}`);
      }),
    ),
  );
}

/** What was found of a stored version is kept with it; a store that cannot keep it is no failure of the evaluation. */
async function keepWithVersion(
  { config, output }: CommandContext,
  planned: PlannedEvaluation,
  { report, columns }: Evaluated,
): Promise<void> {
  const [column] = columns;
  const databaseUrl = databaseOf(config);
  if (planned.kind !== "comparison" || !column?.candidate.versionId || databaseUrl === undefined) return;
  const { candidate, baseline } = column;
  try {
    await withDatabase(
      databaseUrl,
      (db) =>
        keepEvaluation(db, {
          candidateVersion: candidate.versionId!,
          baselineVersion: baseline?.versionId ?? null,
          dataset: planned.dataset,
          gate: planned.gate,
          report,
        }),
      { contents: config.contents && openContents(config.contents) },
    );
  } catch (error) {
    const { message } = storeError(databaseUrl, error) as Error;
    output.note(`the result cannot be kept with ${candidate.name}: ${message}`);
  }
}

/** Where a server is named, no database is asked, though there be one: it may be another installation's. */
function databaseOf({ server, databaseUrl }: Config): string | undefined {
  return server ? undefined : databaseUrl;
}

/** Where the user's own calls go. */
async function ownEndpoints(config: Config): Promise<Record<string, string>> {
  const { providers } = await readNamedProviders(config);
  return {
    ...Object.fromEntries(Object.entries(providers).map(([name, { baseURL }]) => [name, baseURL])),
    ...eachVendor((name, { url }) => config[name].baseUrl ?? url),
  };
}

/** Calls at once that a configuration may ask for: it is not its author who pays for them. */
const MOST_AT_ONCE = 64;

function concurrencyOf(planned: PlannedEvaluation): number | undefined {
  const requested = planned.kind === "configuration" ? planned.config.concurrency : planned.concurrency;
  return requested === undefined ? undefined : Math.min(MOST_AT_ONCE, requested);
}

/** What vendors take at most; that a model takes less, or none, is said as of a version's own. */
const MOST_TEMPERATURE = 2;

function readTemperature(given: Given<"eval">): number | undefined {
  const temperature = given.number("temperature");
  if (temperature !== undefined && (temperature < 0 || temperature > MOST_TEMPERATURE))
    throw invalidInput(`--temperature must be a number from 0 to ${MOST_TEMPERATURE}, not ${temperature}`, {
      option: "temperature",
    });
  return temperature;
}

/** What takes the place of the policy's limits, where it is given. */
function readLimits(given: Given<"eval">): GivenLimits {
  const repeats = given.integer("repeats", { min: 1, max: 100 });
  const minPassRate = fraction(given, "minPassRate", "--min-pass-rate");
  const maxRegression = fraction(given, "maxRegression", "--max-regression");
  readMaxCost(given);
  return { repeats, minPassRate, maxRegression };
}

function readMaxCost(given: Given<"eval">): { readonly max_cost_usd?: number } {
  const maxCost = given.number("maxCost");
  if (maxCost !== undefined && maxCost < 0)
    throw invalidInput(`--max-cost must be an amount in US dollars from 0 on, not ${maxCost}`, {
      option: "max-cost",
    });
  return maxCost === undefined ? {} : { max_cost_usd: maxCost };
}

function fraction(
  given: Given<"eval">,
  name: "minPassRate" | "maxRegression",
  flag: string,
): number | undefined {
  const value = given.number(name);
  if (value !== undefined && (value < 0 || value > 1))
    throw invalidInput(`${flag} must be a fraction from 0 to 1, not ${value}`, { option: flag.slice(2) });
  return value;
}

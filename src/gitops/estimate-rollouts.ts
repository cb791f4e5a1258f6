import { basename, join } from "node:path";
import type { Sluice } from "../client/sluice.ts";
import { SluiceError } from "../domain/errors.ts";
import { type Artifact, parseModelTarget } from "../domain/prompt/artifact.ts";
import type { PlannedEnvironment, PlannedPrompt, RolloutEstimate } from "../domain/shapes/syncing.ts";
import type { Usage } from "../domain/shapes/usage.ts";
import { planEvaluation } from "../evaluation/running/plan-evaluation.ts";
import { prepareEvaluation } from "../evaluation/running/prepare-evaluation.ts";
import type { Providers } from "../providers/create-providers.ts";
import { historyOf, knownUsage } from "../statistics/planning/baseline-history.ts";
import { plannedRuns } from "../statistics/planning/planned-runs.ts";
import { loadPromptPolicy, type PolicyOfFile } from "../use-cases/load-policy.ts";
import type { PromptFileOnDisk } from "../use-cases/push.ts";
import type { Repository } from "./open-repository.ts";

/** Enough to say days to about a fifth, in a blink; `sluice plan` runs more. */
const RUNS = 40;
const POWER = 0.8;
const DAYS_A_MONTH = 30;

export interface EstimateParts {
  readonly sluice: Pick<Sluice, "usage">;
  readonly repository: Repository;
  /** Their prices: nobody is asked. */
  readonly providers: Providers;
  /** In ms since 1970. */
  readonly now: number;
}

/**
 * What each rollout that a plan names would cost and take, and what a longer or shorter text costs: by the price list, and
 * by what was recorded in the last 7 days. What cannot be known is null.
 *
 * @param live the artifact that the text is compared with
 */
export async function estimateRollouts(
  parts: EstimateParts,
  file: PromptFileOnDisk,
  planned: Omit<PlannedPrompt, "estimates">,
  { artifact, live }: { readonly artifact: Artifact; readonly live: Artifact | undefined },
): Promise<RolloutEstimate[]> {
  const due = planned.environments.filter(({ step }) => step === "start" || step === "wait");
  const estimates: RolloutEstimate[] = [];
  for (const environment of due) {
    const policy = await policyIn(parts.repository, file, environment.environment);
    const usage = planned.newest === null ? undefined : await usageAt(parts, planned.prompt, environment);
    const known = usage && knownUsage(usage.versions, versionIn(environment.live), parts.now);
    const callsPerDay = known?.outcomesPerDay ?? null;
    estimates.push({
      environment: environment.environment,
      model: environment.model,
      tenant: environment.tenant,
      callsPerDay,
      ...(await gateOf(parts, policy, artifact, environment.live === null ? undefined : live)),
      days: environment.live === null ? null : daysOf(policy, known),
      textPerMonthUsd: textCost(parts, planned, artifact, callsPerDay),
    });
  }
  return estimates;
}

/** The environment's policy, the prompt's own, or the repository's. */
async function policyIn(
  { folder, file, settings }: Repository,
  prompt: PromptFileOnDisk,
  environment: string,
): Promise<PolicyOfFile | undefined> {
  const own = settings.environments.find(({ name }) => name === environment)?.policy;
  const common = own ?? (prompt.policy ? undefined : settings.policy);
  return common === undefined ? prompt.policy : loadPromptPolicy(common, join(folder, basename(file)));
}

/** A key that may not read usage plans all the same. */
async function usageAt(
  { sluice }: EstimateParts,
  prompt: string,
  { label, model, tenant }: PlannedEnvironment,
): Promise<Usage | undefined> {
  try {
    return await sluice.usage({ prompt, label, model: model ?? undefined, tenant: tenant ?? undefined });
  } catch (error) {
    if (!(error instanceof SluiceError) || error.code === "unavailable") throw error;
    return undefined;
  }
}

async function gateOf(
  { providers }: EstimateParts,
  policy: PolicyOfFile | undefined,
  candidate: Artifact,
  baseline: Artifact | undefined,
): Promise<Pick<RolloutEstimate, "gateCalls" | "gateUsd">> {
  const gate = policy?.policy.gate;
  if (!gate || !policy.dataset) return { gateCalls: null, gateUsd: null };
  try {
    const prepared = await prepareEvaluation({
      candidate,
      baseline,
      dataset: policy.dataset,
      gate,
      providers,
    });
    const { calls, expectedCostUsd } = await planEvaluation(prepared, prepared.runs, gate, providers);
    return { gateCalls: calls, gateUsd: expectedCostUsd };
  } catch (error) {
    // Cases that do not fit the prompt are the gate's to refuse.
    if (!(error instanceof SluiceError)) throw error;
    return { gateCalls: null, gateUsd: null };
  }
}

function daysOf(
  policy: PolicyOfFile | undefined,
  known: ReturnType<typeof knownUsage> | undefined,
): number | null {
  const canary = policy?.policy.canary;
  if (!canary || !known?.outcomesPerDay) return null;
  const { metrics } = policy.policy;
  const history = historyOf(known, policy.policy).metrics;
  if (!history[canary.goal.metric]) return null;
  return plannedRuns({ canary, metrics, history, unitsPerDay: known.outcomesPerDay, runs: RUNS }, POWER).days;
}

/** What the text's growth costs a month; below 0 where it has become shorter. */
function textCost(
  { providers }: EstimateParts,
  { diff }: Pick<PlannedPrompt, "diff">,
  artifact: Artifact,
  callsPerDay: number | null,
): number | null {
  const target = parseModelTarget(artifact.model);
  const price = target && providers.priceOf(target);
  if (!diff || !price || callsPerDay === null) return null;
  const more = diff.tokens.after - diff.tokens.before;
  return (more * price.input * callsPerDay * DAYS_A_MONTH) / 1_000_000;
}

function versionIn(live: string | null): number | null {
  return live === null ? null : Number(live.slice(live.lastIndexOf("@") + 1));
}

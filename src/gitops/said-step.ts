import { formatDuration } from "../domain/policy/quantity.ts";
import { describePlace } from "../domain/scope.ts";
import type {
  PlannedEnvironment,
  PlannedPrompt,
  RolloutEstimate,
  SyncPlan,
} from "../domain/shapes/syncing.ts";
import { counted } from "../domain/text/counted.ts";

/** What would happen in an environment, in a few words. */
export function saidStep({ prompt, version }: PlannedPrompt, environment: PlannedEnvironment): string {
  const { step, live, from, liveForMs, liveThereSince, outcome } = environment;
  const next = version === null ? "the new version" : `${prompt}@${version}`;
  switch (step) {
    case "live":
      return `${next} is live`;
    case "running":
      return `${next} is being rolled out`;
    case "start":
      return live === null ? `a rollout of ${next} would start` : `a rollout would start: ${live} -> ${next}`;
    case "wait": {
      const span = liveForMs > 0 ? ` for ${formatDuration(liveForMs)}` : "";
      const so = liveThereSince === null ? "" : `; it is since ${liveThereSince}`;
      return `waits until ${next} has been live in ${from}${span}${so}`;
    }
    case "refused":
      return `${next} was tried here and ${(outcome ?? "refused").replaceAll("_", " ")}; nothing would start`;
    case "older":
      return `${live} is live, which is newer than ${next}; nothing would start`;
  }
}

/** Where: the environment, and what of its label. */
export function saidPlace({
  environment,
  model,
  tenant,
}: Pick<PlannedEnvironment, "environment" | "model" | "tenant">): string {
  return describePlace({ label: environment, model, tenant });
}

/** What the file would make: `new version 1.3.0`, `support-reply@7 (1.3.0)`. */
export function saidVersion({ prompt, state, version, semver, newest }: PlannedPrompt): string {
  switch (state) {
    case "new":
      return `new prompt, ${semver}`;
    case "changed":
      return `new version, ${semver}`;
    case "same":
      return `${prompt}@${version} (${semver})`;
    case "older":
      return `${prompt}@${version} (${semver}), and ${newest} is newer`;
  }
}

/** Whether `sync apply` would do or is waiting for anything with it, or somebody should know why not. */
export function isSettled({ state, policyChanged, environments }: PlannedPrompt): boolean {
  return state === "same" && !policyChanged && environments.every(({ step }) => step === "live");
}

/** Whether `sync apply` would do anything now. */
export function hasChanges({ prompts, rules }: SyncPlan): boolean {
  return (
    rules.length > 0 ||
    prompts.some(
      ({ version, policyChanged, environments }) =>
        version === null || policyChanged || environments.some(({ step }) => step === "start"),
    )
  );
}

/** What is said of what the store holds moves of pointers to. */
export const saidRule = (rule: string): string => `a rule would change: ${rule}`;

/** What is said of a policy that alone has changed. */
export const POLICY_CHANGED =
  "the policy would be pushed; it holds for rollouts that are started from then on, and starts none";

/** Why `sync apply` would refuse the commit as it is; undefined: it follows what was applied. */
export function saidStepBack({ applied, commit }: SyncPlan): string | undefined {
  if (applied === null || commit === null || applied.order === "follows" || applied.order === "unknown")
    return undefined;
  const [here, there] = [commit, applied.commit].map((id) => id.slice(0, 12));
  return applied.order === "older"
    ? `commit ${here} is older than ${there}, which was applied: sync apply goes back only with --take-over`
    : `commit ${here} does not follow from ${there}, which was applied (branch ${applied.branch}): merge or rebase, or go on from here with sync apply --take-over`;
}

/** All of it in one line. */
export function saidSum(plan: SyncPlan): string {
  const versions = plan.prompts.filter(({ version }) => version === null).length;
  const steps = plan.prompts.flatMap(({ environments }) => environments.map(({ step }) => step));
  const of = (step: PlannedEnvironment["step"]) => steps.filter((one) => one === step).length;
  const policies = plan.prompts.filter(({ policyChanged }) => policyChanged).length;
  const parts = [
    `${counted(versions, "version")} to make`,
    ...(policies > 0 ? [`${counted(policies, "policy", "policies")} to push`] : []),
    `${counted(of("start"), "rollout")} to start`,
    ...(plan.rules.length > 0 ? [`${counted(plan.rules.length, "rule")} to change`] : []),
    ...(of("running") > 0 ? [`${of("running")} under way`] : []),
    ...(of("wait") > 0 ? [`${of("wait")} waiting`] : []),
    ...(of("refused") > 0 ? [`${of("refused")} tried and refused`] : []),
    ...(of("older") > 0 ? [`${of("older")} older than what is live`] : []),
    ...(plan.problems.length > 0 ? [`${counted(plan.problems.length, "file")} that cannot be taken`] : []),
  ];
  return `${counted(plan.prompts.length, "prompt")}: ${parts.join(", ")}`;
}

/** What a rollout would cost and take, in one line; undefined: nothing of it is known. */
export function saidEstimate({
  gateCalls,
  gateUsd,
  callsPerDay,
  days,
  textPerMonthUsd,
}: RolloutEstimate): string | undefined {
  const a = (amount: number) => `$${Number(amount.toPrecision(2))}`;
  const parts = [
    ...(gateCalls === null
      ? []
      : [`gate ${counted(gateCalls, "call")}${!gateUsd ? "" : `, about ${a(gateUsd)}`}`]),
    ...(days === null || callsPerDay === null
      ? []
      : [
          `canary about ${formatDuration(roughly(days))} at ${counted(Math.round(callsPerDay), "outcome")} a day`,
        ]),
    ...(textPerMonthUsd === null || Math.abs(textPerMonthUsd) < LEAST_USD
      ? []
      : [
          `${textPerMonthUsd > 0 ? "the longer text costs" : "the shorter text saves"} about ${a(Math.abs(textPerMonthUsd))} a month`,
        ]),
  ];
  return parts.length > 0 ? parts.join("; ") : undefined;
}

/** Less a month is not worth a word. */
const LEAST_USD = 0.01;
const HOUR_MS = 3_600_000;

/** Days in ms, to the hour, under two hours to the minute. */
function roughly(days: number): number {
  const ms = days * 24 * HOUR_MS;
  const step = ms < 2 * HOUR_MS ? 60_000 : ms < 48 * HOUR_MS ? HOUR_MS : 24 * HOUR_MS;
  return Math.max(step, Math.round(ms / step) * step);
}

import { counted } from "../../domain/text/counted.ts";
import type {
  Drift,
  DriftReport,
  MissingPrompt,
  PlannedEnvironment,
  PlannedPrompt,
  SeenDrifts,
  SyncPlan,
} from "../../domain/shapes/syncing.ts";
import {
  isSettled,
  POLICY_CHANGED,
  saidEstimate,
  saidPlace,
  saidRule,
  saidStep,
  saidStepBack,
  saidSum,
  saidVersion,
} from "../../gitops/said-step.ts";
import type { Output } from "../../terminal/output.ts";
import { wrap } from "../../terminal/text-layout.ts";
import { unifiedLines } from "./diff-lines.ts";

type Look = Pick<Output, "paint" | "live" | "width">;

/** A plan, prompt by prompt; those that do not change are counted, or shown too. */
export function syncPlanLines(plan: SyncPlan, { all }: { readonly all: boolean }, output: Look): string[] {
  const { paint, width } = output;
  const shown = plan.prompts.filter((planned) => all || !isSettled(planned));
  const unchanged = plan.prompts.length - shown.length;
  return [
    paint.dim(`${plan.file}, ${saidCommit(plan)}`),
    ...wrap(saidStepBack(plan) ?? "", width)
      .filter(Boolean)
      .map(paint.yellow),
    ...plan.rules.flatMap((rule) => wrap(saidRule(rule), width)).map(paint.yellow),
    ...shown.flatMap((planned) => ["", ...promptLines(planned, output)]),
    ...(plan.missing.length > 0 ? [""] : []),
    ...plan.missing.flatMap((missing) => wrap(missingText(missing), width)),
    ...(plan.problems.length > 0 ? [""] : []),
    ...plan.problems.flatMap(({ message }) => wrap(`cannot be taken: ${message}`, width)).map(paint.red),
    "",
    ...(unchanged > 0 && !all ? [`${counted(unchanged, "prompt")} unchanged`] : []),
    ...wrap(saidSum(plan), width).map(paint.bold),
  ];
}

function promptLines(planned: PlannedPrompt, output: Look): string[] {
  // Fields of the output are read one by one: they are getters, which a spread would leave behind.
  const { paint, live, width } = output;
  const { prompt, path, diff, findings, environments, policyChanged } = planned;
  const places = environments.map(saidPlace);
  const widest = Math.max(...places.map(({ length }) => length));
  return [
    ...wrap(`${prompt}: ${saidVersion(planned)} (${path})`, width).map(paint.bold),
    ...(diff && !diff.same
      ? [
          paint.dim(`  against ${diff.from}; ${saidTokens(diff.tokens)}`),
          ...unifiedLines(diff.changes, { paint, live, width: width - 2 }).map((line) => `  ${line}`),
        ]
      : []),
    ...findings
      .flatMap(({ severity, message }) => wrap(`${severity}: ${message}`, width - 2))
      .map((line) => `  ${paint.yellow(line)}`),
    ...(policyChanged ? wrap(POLICY_CHANGED, width - 2).map((line) => `  ${line}`) : []),
    ...environments.flatMap((environment, i) => {
      const [first = "", ...more] = wrap(saidStep(planned, environment), width - widest - 4);
      return [
        `  ${places[i]!.padEnd(widest)}  ${first}`,
        ...more.map((line) => `${" ".repeat(widest + 4)}${line}`),
        ...estimateLines(planned, environment, width - widest - 4).map((line) =>
          paint.dim(`${" ".repeat(widest + 4)}${line}`),
        ),
      ];
    }),
  ];
}

function estimateLines({ estimates }: PlannedPrompt, place: PlannedEnvironment, width: number): string[] {
  const estimate = estimates.find((one) => saidPlace(one) === saidPlace(place));
  const said = estimate && saidEstimate(estimate);
  return said === undefined ? [] : wrap(said, width);
}

function saidCommit({ commit, uncommitted }: Pick<SyncPlan, "commit" | "uncommitted">): string {
  if (commit === null) return "not in a Git repository";
  const short = `commit ${commit.slice(0, 12)}`;
  if (uncommitted.length === 0) return short;
  return `${short}, and not committed: ${uncommitted.join(", ")}`;
}

function saidTokens({ before, after }: { readonly before: number; readonly after: number }): string {
  const more = after - before;
  return `${counted(after, "token")}${more === 0 ? ", as many as before" : `, ${more > 0 ? "+" : ""}${more}`}`;
}

function missingText({ prompt, live, sameContentAs }: MissingPrompt): string {
  const renamed = sameContentAs === null ? "" : ` (${sameContentAs} has its content: renamed, or copied)`;
  return live.length > 0
    ? `${prompt} has no file any more${renamed}, and is served: ${live.join(", ")}. Nothing is done with what is live`
    : `${prompt} has no file any more${renamed}; put it away: sluice archive ${prompt} --reason "removed from Git"`;
}

const KINDS: Readonly<Record<Drift["kind"], string>> = {
  git_ahead: "Git ahead",
  refused: "refused",
  store_ahead: "store ahead",
  unknown: "unknown prompt",
};

export function driftLines(report: DriftReport, { paint, width }: Look): string[] {
  const { drift, problems, prompts } = report;
  return [
    ...drift.flatMap(({ kind, message }) => {
      const [first = "", ...more] = wrap(`${KINDS[kind]}: ${message}`, width);
      return [paint.yellow(first), ...more];
    }),
    ...problems.flatMap(({ message }) => wrap(`cannot be taken: ${message}`, width)).map(paint.red),
    drift.length === 0 && problems.length === 0
      ? paint.green(`no drift: what is served is what Git says (${counted(prompts, "prompt")})`)
      : paint.bold(`${counted(drift.length, "drift")} among ${counted(prompts, "prompt")}`),
  ];
}

/** What workers have seen last, by repository. */
export function seenDriftLines({ lookedAt, drift }: SeenDrifts, { paint, width }: Look): string[] {
  if (lookedAt === null)
    return ["nothing was compared yet: a worker does it, every half a minute, once a commit was applied"];
  return [
    ...drift.flatMap(({ kind, repository, message, since }) => {
      const [first = "", ...more] = wrap(`${KINDS[kind]}: ${message} (${repository}, since ${since})`, width);
      return [paint.yellow(first), ...more];
    }),
    drift.length === 0
      ? paint.green(`no drift: what is served is what Git says (compared ${lookedAt})`)
      : paint.bold(`${counted(drift.length, "drift")} (compared ${lookedAt})`),
  ];
}

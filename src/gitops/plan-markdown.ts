import { counted } from "../domain/text/counted.ts";
import { code, fenced, inline } from "../domain/text/markdown.ts";
import type { PlannedEnvironment, PlannedPrompt, SyncPlan } from "../domain/shapes/syncing.ts";
import type { VersionDiff } from "../domain/shapes/versions.ts";
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
} from "./said-step.ts";

/** Lines of a prompt's diff that are shown. */
const MAX_LINES = 200;

/**
 * A plan for a pull request's comment. What prompts and files say cannot break out of its place.
 *
 * @param diffs false where another part of the comment has them
 */
export function syncPlanMarkdown(plan: SyncPlan, { diffs = true } = {}): string {
  const shown = plan.prompts.filter((planned) => !isSettled(planned));
  const lines = ["### Prompts", "", inline(saidSum(plan))];
  if (shown.length > 0)
    lines.push(
      "",
      "| prompt | version | where | what would happen |",
      "|---|---|---|---|",
      ...shown.flatMap((planned) =>
        planned.environments.map((environment, i) => {
          const [name, version] = i === 0 ? [code(planned.prompt), inline(saidVersion(planned))] : ["", ""];
          return `| ${name} | ${version} | ${inline(saidPlace(environment))} | ${inline(`${saidStep(planned, environment)}${estimated(planned, environment)}`)} |`;
        }),
      ),
    );
  const stepBack = saidStepBack(plan);
  const notes = [
    ...(stepBack === undefined ? [] : [`⚠️ ${inline(stepBack)}`]),
    ...plan.rules.map((rule) => `⚠️ ${inline(saidRule(rule))}`),
    ...plan.problems.map(({ message }) => `❌ ${inline(message)}`),
    ...shown.flatMap(({ prompt, findings }) =>
      findings.map(({ message }) => `⚠️ ${code(prompt)}: ${inline(message)}`),
    ),
    ...shown
      .filter(({ policyChanged }) => policyChanged)
      .map(({ prompt }) => `${code(prompt)}: ${POLICY_CHANGED}`),
    ...plan.missing.map(({ prompt, live }) =>
      live.length > 0
        ? `⚠️ ${code(prompt)} has no file any more, and is served: ${inline(live.join(", "))}`
        : `${code(prompt)} has no file any more: ${code(`sluice archive ${prompt} --reason "removed from Git"`)}`,
    ),
  ];
  if (notes.length > 0) lines.push("", ...notes.map((note) => `- ${note}`));
  for (const { diff, path } of diffs ? shown : [])
    if (diff && !diff.same) lines.push("", ...diffDetails(diff, path));
  return `${lines.join("\n")}\n`;
}

function estimated({ estimates }: PlannedPrompt, place: PlannedEnvironment): string {
  const estimate = estimates.find((one) => saidPlace(one) === saidPlace(place));
  const said = estimate && saidEstimate(estimate);
  return said === undefined ? "" : ` (${said})`;
}

/** What differs, line by line, to be unfolded. */
export function diffDetails(diff: VersionDiff, path: PlannedPrompt["path"]): string[] {
  const marks = { same: " ", removed: "-", added: "+" } as const;
  const all = diff.changes.flatMap(({ part, kind, lines }) => [
    `@@ ${part} ${kind} @@`,
    ...lines.filter((line) => line.kind !== "same").map((line) => `${marks[line.kind]} ${line.text}`),
  ]);
  const more = all.length - MAX_LINES;
  return [
    `<details><summary>${inline(path)} against ${inline(diff.from)}: ${diff.tokens.before} → ${counted(diff.tokens.after, "token")}</summary>`,
    "",
    fenced(all.slice(0, MAX_LINES).join("\n"), "diff"),
    ...(more > 0 ? [`… and ${more} more lines`] : []),
    "",
    "</details>",
  ];
}

import { counted } from "../domain/text/counted.ts";
import { code, fenced, inline } from "../domain/text/markdown.ts";
import { percent } from "../domain/text/percent.ts";
import type { Review, ReviewedGate, ReviewedPrompt, ReviewVerdict } from "../domain/shapes/reviewing.ts";
import { diffDetails, syncPlanMarkdown } from "../gitops/plan-markdown.ts";
import { fitSections, type Section } from "./fit-sections.ts";

export interface ReviewMarkdownOptions {
  /** Most characters. */
  readonly most: number;
  /** Where what is left out can be read, in a few words. */
  readonly restAt?: string | undefined;
  /** The job's own page. */
  readonly jobUrl?: string | undefined;
  /** The dashboard's address. */
  readonly dashboard?: string | undefined;
}

/** Characters of an answer that are shown in a table's cell. */
const MAX_ANSWER = 400;
/** Worse cases that a table shows. */
const MAX_WORSE = 20;
/** Rows of the table of prompts. */
const MAX_ROWS = 100;

const TITLES: Readonly<Record<ReviewVerdict, string>> = {
  pass: "✅ the gate is passed",
  fail: "❌ the gate is not passed",
  insufficient: "⚠️ the cases cannot tell",
  unchanged: "no prompt has changed",
  unusable: "❌ a file cannot be taken",
};
const SIGNS = { pass: "✅", fail: "❌", insufficient: "⚠️" } as const;

/** A review for a pull request's comment: the whole of it, or as much as fits. Nothing that a file or a model says breaks out of its place. */
export function reviewMarkdown(review: Review, options: ReviewMarkdownOptions): string {
  const sections: Section[] = [{ title: "the summary", text: summary(review, options) }];
  for (const reviewed of review.prompts) {
    const text = promptText(reviewed, options);
    if (text !== "") sections.push({ title: reviewed.prompt, text });
  }
  if (review.plan)
    sections.push({ title: "what merging would do", text: syncPlanMarkdown(review.plan, { diffs: false }) });
  for (const { prompt, path, diff } of review.prompts)
    if (diff && !diff.same)
      sections.push({ title: `the diff of ${prompt}`, text: diffDetails(diff, path).join("\n") });
  return fitSections(sections, options.most, options.restAt);
}

function summary(review: Review, { jobUrl }: ReviewMarkdownOptions): string {
  const { verdict, prompts, problems, costUsd, quick, base, commit, planProblem } = review;
  const facts = [
    `${commit === null ? "the files" : code(commit.slice(0, 12))} against ${code(base.slice(0, 12))}`,
    counted(prompts.length, "changed prompt"),
    costUsd === null ? "price not known" : `$${costUsd.toFixed(4)}`,
    ...(quick ? ["a sample of the cases"] : []),
    ...(jobUrl === undefined ? [] : [`[the job](${jobUrl})`]),
  ];
  const lines = [`## Prompts: ${TITLES[verdict]}`, "", facts.join(" · ")];
  if (prompts.length > 0)
    lines.push(
      "",
      "| | prompt | pass rate | base | cost | why |",
      "|---|---|---|---|---|---|",
      ...prompts.slice(0, MAX_ROWS).map(row),
    );
  if (prompts.length > MAX_ROWS) lines.push("", `… and ${prompts.length - MAX_ROWS} more`);
  const notes = [
    ...problems.slice(0, MAX_ROWS).map(({ message }) => `❌ ${inline(message)}`),
    ...(planProblem === null ? [] : [`⚠️ what merging would do is not known: ${inline(planProblem)}`]),
  ];
  if (notes.length > 0) lines.push("", ...notes.map((note) => `- ${note}`));
  return lines.join("\n");
}

function row({ prompt, gate, skipped }: ReviewedPrompt): string {
  if (!gate) return `| | ${code(prompt)} | | | | ${inline(skipped ?? "")} |`;
  const cost = gate.costUsd === null ? "price not known" : `$${gate.costUsd.toFixed(4)}`;
  const reused = gate.reused > 0 ? `, ${gate.reused} reused` : "";
  return `| ${SIGNS[gate.verdict]} | ${code(prompt)} | ${rate(gate.passRate)} | ${rate(gate.baselinePassRate)} | ${cost}${reused} | ${inline(gate.reason)} |`;
}

function promptText(
  { prompt, path, gate, baseline }: ReviewedPrompt,
  { dashboard }: ReviewMarkdownOptions,
): string {
  if (!gate || (gate.worse.length === 0 && gate.otherFailures.length === 0 && gate.warnings.length === 0))
    return "";
  // A prompt that is new here has no page there yet.
  const link =
    dashboard === undefined || baseline === null ? "" : ` · [in the dashboard](${dashboard}/p/${prompt})`;
  return [
    `### ${SIGNS[gate.verdict]} ${code(prompt)}`,
    "",
    `${code(path)}${link}`,
    ...worseTable(gate),
    ...otherFailures(gate),
    ...(gate.warnings.length === 0 ? [] : ["", ...gate.warnings.map((one) => `- ⚠️ ${inline(one)}`)]),
  ].join("\n");
}

function worseTable({ worse }: ReviewedGate): string[] {
  if (worse.length === 0) return [];
  const more = worse.length - MAX_WORSE;
  return [
    "",
    `**What got worse**: ${counted(worse.length, "case")}`,
    "",
    "| case | before | now | why |",
    "|---|---|---|---|",
    ...worse
      .slice(0, MAX_WORSE)
      .map(
        ({ number, description, before, after, reason }) =>
          `| ${number}${description === null ? "" : ` ${inline(description)}`} | ${answer(before)} | ${answer(after)} | ${inline(reason)} |`,
      ),
    ...(more > 0 ? ["", `… and ${more} more`] : []),
  ];
}

function otherFailures({ otherFailures: others }: ReviewedGate): string[] {
  if (others.length === 0) return [];
  return [
    "",
    `<details><summary>${counted(others.length, "other case")} that did not pass</summary>`,
    "",
    fenced(others.slice(0, MAX_ROWS).join("\n")),
    "",
    "</details>",
  ];
}

function answer(text: string): string {
  const characters = [...text];
  return characters.length <= MAX_ANSWER
    ? inline(text)
    : `${inline(characters.slice(0, MAX_ANSWER).join(""))} …`;
}

function rate(value: number | null): string {
  return value === null ? "" : percent(value);
}

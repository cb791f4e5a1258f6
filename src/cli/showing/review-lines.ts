import { counted } from "../../domain/text/counted.ts";
import { percent } from "../../domain/text/percent.ts";
import type { Review, ReviewedPrompt } from "../../domain/shapes/reviewing.ts";
import { saidSum } from "../../gitops/said-step.ts";
import type { Published } from "../../review/publish-review.ts";

const VERDICTS = {
  pass: "passes the gate",
  fail: "fails the gate",
  insufficient: "the cases cannot tell",
} as const;

/** A review, for a terminal. */
export function reviewLines(review: Review, published: Published | undefined): string[] {
  const { prompts, problems, plan, planProblem, costUsd, base, quick } = review;
  const cost = costUsd === null ? "at a price that is not known" : `for $${costUsd.toFixed(4)}`;
  return [
    ...prompts.flatMap(promptLines),
    ...problems.map(({ message }) => message),
    ...(plan ? [`merging: ${saidSum(plan)}`] : []),
    ...(planProblem === null ? [] : [`what merging would do is not known: ${planProblem}`]),
    ...(published?.comment && "url" in published.comment
      ? [`comment ${published.comment.became}: ${published.comment.url ?? "in the merge request"}`]
      : []),
    prompts.length === 0
      ? `no prompt differs from ${base.slice(0, 12)}`
      : `${counted(prompts.length, "changed prompt")} against ${base.slice(0, 12)}${quick ? ", a sample of the cases" : ""}, ${cost}`,
  ];
}

function promptLines({ prompt, gate, skipped }: ReviewedPrompt): string[] {
  if (!gate) return [`${prompt}: not evaluated: ${skipped ?? ""}`];
  const { passRate, baselinePassRate } = gate;
  const rates = [
    ...(passRate === null ? [] : [`${percent(passRate)} pass`]),
    ...(baselinePassRate === null ? [] : [`${percent(baselinePassRate)} of the base`]),
  ];
  return [
    [prompt, VERDICTS[gate.verdict], rates.join(", ") || "no result", gate.reason].join(": "),
    ...gate.worse.map(
      ({ number, description, reason }) =>
        `  worse: case ${number}${description === null ? "" : ` (${description})`}: ${reason}`,
    ),
  ];
}

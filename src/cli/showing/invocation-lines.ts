import { counted } from "../../domain/text/counted.ts";
import type { Invocation } from "../../invoke/index.ts";
import type { PlannedInvocation } from "../../invoke/plan-invocation.ts";

/** What `sluice invoke --json` prints. */
export function invocationJson(answer: Invocation): Record<string, unknown> {
  const { record: _, prompt, messages: __, ...facts } = answer;
  return { ...facts, prompt: prompt.toJSON() };
}

/** `support-reply@3 (control), openai/gpt-5.4-mini: 830 ms, 120 + 45 tokens, $0.00021`. */
export function invocationLine({
  prompt,
  target,
  latencyMs,
  usage,
  costUsd,
  attempts,
  fallback,
  repaired,
}: Invocation): string {
  const arm = prompt.arm === "unenrolled" ? "" : ` (${prompt.arm})`;
  const facts = [
    `${Math.round(latencyMs)} ms`,
    `${usage.inputTokens} + ${counted(usage.outputTokens, "token")}`,
    costUsd === null ? "cost not known" : `$${Number(costUsd.toPrecision(3))}`,
    ...(attempts.length > 1 ? [counted(attempts.length, "attempt")] : []),
    ...(fallback ? ["a fallback"] : []),
    ...(repaired === "no" ? [] : [`repaired (${repaired})`]),
  ];
  return `${prompt.prompt}@${prompt.version}${arm}, ${target}: ${facts.join(", ")}`;
}

export function plannedLines({
  prompt,
  version,
  arm,
  tokens,
  targets,
  warnings,
}: PlannedInvocation): string[] {
  const [first, ...others] = targets;
  const priced = (one: PlannedInvocation["targets"][number]) =>
    `${one.target} at ${one.endpoint ?? "an unknown provider"}${one.mostUsd === null ? "" : `, $${Number(one.mostUsd.toPrecision(2))} at most`}`;
  return [
    `${prompt}@${version}${arm === "unenrolled" ? "" : ` (${arm})`}, about ${counted(tokens, "token")}, to ${priced(first!)}`,
    ...others.map((one) => `then to ${priced(one)}`),
    ...warnings.map((warning) => `warning: ${warning}`),
    ...JSON.stringify(first!.request, null, 2).split("\n"),
  ];
}

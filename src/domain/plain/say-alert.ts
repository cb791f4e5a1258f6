import { counted, grouped } from "../text/counted.ts";
import { percent } from "../text/percent.ts";
import { dollars } from "./amounts.ts";
import type { AlertEvidence, AlertKind } from "../shapes/monitors.ts";

interface Told {
  readonly kind: AlertKind;
  readonly monitor: string;
  readonly version: string;
  readonly label: string;
  readonly evidence: AlertEvidence;
}

/** What happens, of the usual metrics; of another one its name. */
const HAPPENS: Readonly<Record<string, string>> = {
  errors: "of its calls end without an answer",
  refusals: "of its answers are refusals",
  format: "of its answers do not have the form that is asked for",
  truncated: "of its answers are cut off by the limit of tokens",
  slow: "of its answers take longer than 95 % of them used to",
  costly: "of its calls cost more than 95 % of them used to",
  tokens: "of its calls send clearly more tokens than used to be usual",
};

/** What an alert tells of, in one sentence. */
export function sayAlert({ kind, monitor, version, label, evidence }: Told): string {
  const where = `${version} in ${label}`;
  if (kind === "cost") {
    const { spentUsd = 0, budgetUsd = 0, day = "today", step = 0, stop = false } = evidence;
    const stopped =
      stop && step >= 1 ? " Calls are refused, or go to a cheaper fallback, until 00:00 UTC." : "";
    return `${where} has cost ${dollars(spentUsd)} on ${day}: ${part(spentUsd / budgetUsd)} of the ${dollars(budgetUsd)} that a day may cost.${stopped}`;
  }
  if (kind === "drift") {
    const { passRate = 0, referencePassRate = 0, cases = 0, lower = 0 } = evidence;
    return `${where} answers its own tests worse than it did: ${part(passRate)} of ${counted(cases, "case")} pass, it was ${part(referencePassRate)}; at least ${part(lower)} fewer is no chance.`;
  }
  if (kind === "silent") {
    const { calls = 0, hours = 0, fewest = 0, days = 0 } = evidence;
    return `${where} has fallen silent: ${calls === 0 ? "no call" : counted(calls, "call")} in ${counted(hours, "hour")}; on the last ${counted(days, "comparable day")} there were ${grouped(fewest)} at least.`;
  }
  const { x = 0, n = 0, usual, accepted = 0 } = evidence;
  const happens = HAPPENS[monitor] ?? `of its calls count for ${monitor} (${evidence.metric ?? "a metric"})`;
  const before =
    usual === null || usual === undefined
      ? `at most ${part(accepted)} is accepted`
      : `it was ${part(usual)} before`;
  return `${where}: ${part(n === 0 ? 0 : x / n)} ${happens} (${grouped(x)} of ${grouped(n)}); ${before}.`;
}

function part(rate: number): string {
  return percent(rate, 2);
}

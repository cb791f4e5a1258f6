import type { WrittenPolicy } from "../../../domain/policy/written-policy.ts";
import { writtenPolicy } from "../../../domain/policy/written-policy.ts";
import type { RolloutPolicy } from "../../../domain/policy/policy.ts";
import type { RolloutRules } from "../../../domain/shapes/rules.ts";

/** A line of what is measured, as it is typed: what is wrong with it, the policy's reader says. */
export interface Rail {
  readonly metric: string;
  readonly direction: "higher" | "lower";
  readonly margin?: string | number;
  readonly tolerated_ratio?: number;
  readonly tolerated_increase?: string | number;
  readonly claim?: "superior" | "non_inferior";
  readonly [other: string]: unknown;
}

export interface Stop {
  readonly metric: string;
  readonly above?: string | number;
  readonly below?: string | number;
}

export interface Step {
  readonly share: string;
  readonly for?: string;
}

export interface Approval {
  readonly before: readonly string[];
  readonly approvers?: string | number;
  readonly timeout?: string;
  readonly distinct_author?: boolean;
  readonly [other: string]: unknown;
}

/** A policy as people write it, while they do: a document whose every value may still be wrong. */
export interface RulesForm {
  readonly gate?: Readonly<Record<string, unknown>>;
  readonly metrics?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  readonly canary?: {
    readonly stages: readonly Step[];
    readonly goal: Rail;
    readonly guardrails?: readonly Rail[];
    readonly fuses?: readonly Stop[];
    readonly max_units?: string | number;
    readonly min_units?: string | number;
    readonly max_duration?: string;
    readonly interval?: string;
    readonly lease?: string;
    readonly on_inconclusive?: string;
    readonly hold_timeout?: string;
    readonly [other: string]: unknown;
  };
  readonly approval?: Approval;
  readonly watch?: { readonly for: string; readonly holdback?: string };
  readonly notify?: readonly unknown[];
}

export type Canary = NonNullable<RulesForm["canary"]>;

/** How careful somebody wants to be: these steps, and this much room. */
export const PRESETS = {
  careful: {
    title: "Careful",
    says: "5 %, then 25 %, then 50 % of users, a day each at least.",
    canary: {
      stages: [{ share: "5%", for: "1d" }, { share: "25%", for: "1d" }, { share: "50%" }],
      min_units: 200,
      max_units: 20_000,
      max_duration: "28d",
    },
  },
  usual: {
    title: "Usual",
    says: "5 % for an hour, 25 % for four, then 50 %.",
    canary: {
      stages: [{ share: "5%", for: "1h" }, { share: "25%", for: "4h" }, { share: "50%" }],
      min_units: 100,
      max_units: 9_000,
      max_duration: "14d",
    },
  },
  quick: {
    title: "Quick",
    says: "25 % for an hour, then 50 %.",
    canary: {
      stages: [{ share: "25%", for: "1h" }, { share: "50%" }],
      min_units: 100,
      max_units: 9_000,
      max_duration: "7d",
    },
  },
} as const;
export type Preset = keyof typeof PRESETS;
export const PRESET_NAMES = Object.keys(PRESETS) as readonly Preset[];

/** What the form begins with: the policy of the prompt, or else the usual steps about what is recorded. */
export function formOf(policy: RolloutPolicy | null, usage: RolloutRules["usage"]): RulesForm {
  return policy ? asForm(writtenPolicy(policy)) : presetForm("usual", undefined, usage);
}

export function asForm(written: WrittenPolicy): RulesForm {
  return written;
}

/** The steps of a preset; what decides, and all else, stays as it is. */
export function presetForm(
  preset: Preset,
  form: RulesForm | undefined,
  usage: RolloutRules["usage"],
): RulesForm {
  const canary = form?.canary ?? { goal: usualGoal(usage) };
  return { ...form, canary: { ...canary, ...PRESETS[preset].canary } };
}

/** A rating where one is recorded, else whatever is there. */
function usualGoal({ baseline }: RolloutRules["usage"]): Rail {
  const names = baseline?.metrics.map(({ metric }) => metric) ?? [];
  const metric = names.find((name) => /rating|stars|score|success/i.test(name)) ?? names[0] ?? "rating";
  return { metric, direction: betterBy(metric), claim: "non_inferior", margin: "5%" };
}

/** Which way is better, by the name. */
export function betterBy(metric: string): "higher" | "lower" {
  return /latency|duration|_ms$|_s$|tokens|cost|price|usd|error|timeout|refusal|trouble|unanswered/i.test(
    metric,
  )
    ? "lower"
    : "higher";
}

export function withCanary(form: RulesForm, change: Partial<Canary>): RulesForm {
  return form.canary ? { ...form, canary: { ...form.canary, ...change } } : form;
}

/** A list with one of its items changed, or without it. */
export function changed<Item>(items: readonly Item[], at: number, to: Item | undefined): readonly Item[] {
  return to === undefined ? items.toSpliced(at, 1) : items.with(at, to);
}

/** A number where one is written, else the text: what is no number has a unit, or is wrong. */
export function typed(text: string): string | number {
  const trimmed = text.trim();
  return /^-?\d+(\.\d+)?$/.test(trimmed) ? Number(trimmed) : trimmed;
}

/** Metrics that may be chosen: what is recorded, and what the rules name. */
export function knownMetrics({ canary, metrics = {} }: RulesForm, usage: RolloutRules["usage"]): string[] {
  const named = canary
    ? [canary.goal, ...(canary.guardrails ?? []), ...(canary.fuses ?? [])].map(({ metric }) => metric)
    : [];
  const recorded = usage.baseline?.metrics.map(({ metric }) => metric) ?? [];
  return [...new Set([...named, ...Object.keys(metrics), ...recorded])];
}

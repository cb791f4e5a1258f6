import { invalidInput } from "../../domain/errors.ts";
import { UNANSWERED } from "../../domain/rollout/measurements.ts";
import {
  canaryOf,
  recordedMetrics,
  type MetricKind,
  type RolloutPolicy,
} from "../../domain/policy/policy.ts";
import { parseMargin, type Margin } from "../../domain/policy/quantity.ts";
import type { ImaginedMetric } from "../../domain/shapes/planning.ts";
import { didYouMean } from "../../domain/text/suggestion.ts";
import type { MetricHistory } from "./planned-runs.ts";
import type { MetricScenario } from "./imagined-units.ts";
import { shown } from "../../domain/text/visible.ts";

export interface ScenarioToImagine {
  /** `rating=-0.2`, `latency_ms=+10%`, `error=+2pp`; several with commas: what the candidate changes. */
  readonly changes: readonly string[];
  /** `rating=4:1` (mean and standard deviation between units), `error=0.01` (a rate). */
  readonly baselines: readonly string[];
  /** What is known of the version that serves now; goes before what is taken for granted. */
  readonly history?: Readonly<Record<string, MetricHistory>>;
}

/** The scenario of each metric that a policy names. Anything else in it is `invalid_input`. */
export function imagineScenario(policy: RolloutPolicy, imagine: ScenarioToImagine): ImaginedMetric[] {
  const recorded = recordedMetrics(canaryOf(policy));
  const names = [...new Set([...recorded, ...(policy.metrics[UNANSWERED] ? [UNANSWERED] : [])])];
  const changes = new Map<string, Margin>();
  for (const [name, text] of pairs(imagine.changes, "effect", names)) changes.set(name, changeOf(name, text));
  const given = new Map(pairs(imagine.baselines, "baseline", names));
  // Silence is imagined where it is named; else every unit has an outcome.
  return names
    .filter((name) => recorded.includes(name) || changes.has(name) || given.has(name))
    .map((metric) => {
      const kind = policy.metrics[metric]?.kind ?? "mean";
      const text = given.get(metric);
      const known = imagine.history?.[metric];
      const [baseline, from] =
        text !== undefined
          ? [baselineOf(metric, kind, text), "given" as const]
          : known
            ? [ofHistory(kind, known), "usage" as const]
            : [assumed(metric, kind), "assumed" as const];
      const change = changes.get(metric);
      const skewed = !("rate" in baseline) && SKEWED.test(metric) && baseline.mean > 0;
      return {
        metric,
        kind,
        from,
        scenario: {
          baseline,
          ...(change && { change }),
          ...(skewed && { skewed }),
          ...(known?.coverage !== undefined && { coverage: known.coverage }),
        },
      };
    });
}

/** Durations, sizes and prices have a long tail. */
const SKEWED = /latency|duration|_ms$|tokens|cost|price|usd/i;

function isRate(kind: MetricKind): kind is "proportion" | "rare" {
  return kind === "proportion" || kind === "rare";
}

function ofHistory(kind: MetricKind, { mean, sd }: MetricHistory): MetricScenario["baseline"] {
  return isRate(kind) ? { rate: Math.min(1, Math.max(0, mean)) } : { mean, sd };
}

/** What a metric is like where nobody says: a rating of 4 ± 1, a success rate of 80 %, errors of 1 %, 1000 ± 500. */
function assumed(metric: string, kind: MetricKind): MetricScenario["baseline"] {
  if (kind === "rare") return { rate: 0.01 };
  if (kind === "proportion") return { rate: 0.8 };
  if (/cost|price|usd/i.test(metric)) return { mean: 0.01, sd: 0.01 };
  return SKEWED.test(metric) ? { mean: 1000, sd: 500 } : { mean: 4, sd: 1 };
}

function* pairs(
  given: readonly string[],
  option: string,
  names: readonly string[],
): Generator<[string, string]> {
  const seen = new Set<string>();
  for (const pair of given.flatMap((text) => text.split(",")).map((text) => text.trim())) {
    if (pair === "") continue;
    const at = pair.indexOf("=");
    const name = pair.slice(0, at).trim();
    if (at < 1) throw invalidInput(`--${option} ${shown(pair)}: write metric=value`, { option });
    if (!names.includes(name))
      throw invalidInput(
        `--${option}: the policy has no metric ${shown(name)}${didYouMean(name, names) || `; it has ${names.join(", ")}`}`,
        { option, metric: name },
      );
    if (seen.has(name)) throw invalidInput(`--${option}: ${name} is named twice`, { option, metric: name });
    seen.add(name);
    yield [name, pair.slice(at + 1).trim()];
  }
}

function changeOf(metric: string, text: string): Margin {
  const change = parseMargin(text.replace(/^\+/, ""));
  if (!change)
    throw invalidInput(
      `--effect ${metric}=${shown(text)}: write what changes as -0.2 (added), +10% (of the baseline) or 2pp`,
      { option: "effect", metric },
    );
  return change;
}

function baselineOf(metric: string, kind: MetricKind, text: string): MetricScenario["baseline"] {
  const [mean, sd] = text.split(":").map((part) => (part.trim() === "" ? Number.NaN : Number(part)));
  if (isRate(kind)) {
    if (sd === undefined && mean !== undefined && mean >= 0 && mean <= 1) return { rate: mean };
    throw invalidInput(
      `--baseline ${metric}=${shown(text)}: ${metric} is a ${kind} metric, write its rate from 0 to 1`,
      { option: "baseline", metric },
    );
  }
  if (Number.isFinite(mean) && sd !== undefined && Number.isFinite(sd) && sd >= 0) return { mean: mean!, sd };
  throw invalidInput(
    `--baseline ${metric}=${shown(text)}: write mean:sd, for example ${metric}=4:1 (sd between units)`,
    { option: "baseline", metric },
  );
}

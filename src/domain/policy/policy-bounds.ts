import { counted } from "../text/counted.ts";
import { formatDuration } from "./quantity.ts";

interface Bound {
  readonly is: "duration" | "number" | "list" | "mapping";
  readonly least?: number;
  readonly most: number;
  /** Why there is a bound here. */
  readonly why: string;
}

const DAY = 86_400_000;

const waiting = (why: string): Bound => ({ is: "duration", most: 365 * DAY, why });
const list = (most: number, why: string): Bound => ({ is: "list", most, why });

/** What each value of a policy may be at most, by its path; `*` stands for any index or name. */
const BOUNDS: Readonly<Record<string, Bound>> = {
  "gate.max_token_growth": { is: "number", most: 1000, why: "it is a fraction: 0.1 is 10 %" },
  "gate.max_cost_usd": { is: "number", most: 1_000_000, why: "an evaluation does not cost more" },
  "gate.quick.cases": { is: "number", most: 50_000, why: "a dataset has no more" },
  metrics: { is: "mapping", most: 100, why: "each is looked at every time" },
  "metrics.*.window": { is: "duration", most: 90 * DAY, why: "until it has passed nothing is decided" },
  "metrics.*.freshness": { is: "duration", most: 90 * DAY, why: "a silence that long is found out too late" },
  "metrics.*.cap": { is: "number", most: 1e15, why: "a sum of larger values is not exact" },
  "canary.stages": list(20, "each waits for evidence of its own"),
  "canary.stages.*.for": waiting("a rollout that is open longer is forgotten"),
  "canary.interval": {
    is: "duration",
    least: 10,
    most: DAY,
    why: "each look reads the evidence, and harm is seen at the next one",
  },
  "canary.min_units": { is: "number", most: 100_000_000, why: "no rollout gets there" },
  "canary.max_units": { is: "number", most: 100_000_000, why: "no rollout gets there" },
  "canary.max_duration": waiting("a rollout that is open longer is forgotten"),
  "canary.hold_timeout": waiting("a question that is open longer is forgotten"),
  "canary.lease": {
    is: "duration",
    most: 7 * DAY,
    why: "that long a candidate is served when nothing looks after its rollout any more",
  },
  "canary.guardrails": list(20, "each takes its share of the error rate"),
  "canary.guardrails.*.tolerated_ratio": { is: "number", most: 1000, why: "it is how many times as often" },
  "canary.fuses": list(20, "one that always blows is enough"),
  "canary.fuses.*.ticks": { is: "number", most: 1000, why: "a fuse is for what cannot wait" },
  "approval.timeout": waiting("a question that is open longer is forgotten"),
  "approval.before": list(2, "there are two points"),
  "watch.for": waiting("a slice that is held back longer is forgotten"),
  notify: list(10, "each is called in turn"),
};

/** The first value of a checked policy that is out of bounds, and what to say of it. Durations are in ms. */
export function outOfBounds(
  policy: unknown,
): { readonly path: (string | number)[]; readonly problem: string } | undefined {
  for (const [pattern, bound] of Object.entries(BOUNDS))
    for (const { path, value } of valuesAt(policy, pattern.split("."), [])) {
      const problem = problemOf(value, bound);
      if (problem !== undefined) return { path, problem };
    }
  return undefined;
}

function problemOf(value: unknown, { is, least = -Infinity, most, why }: Bound): string | undefined {
  const size = sizeOf(value);
  if (size === undefined || (size >= least && size <= most)) return undefined;
  const bound = size > most ? most : least;
  const written = is === "duration" ? formatDuration(bound) : bound.toLocaleString("en-US");
  if (is === "list" || is === "mapping")
    return `has ${counted(size, "entry", "entries")}; ${written} is the most: ${why}`;
  return `must be at ${size > most ? "most" : "least"} ${written}: ${why}`;
}

function sizeOf(value: unknown): number | undefined {
  if (typeof value === "number") return value;
  if (Array.isArray(value)) return value.length;
  return typeof value === "object" && value !== null ? Object.keys(value).length : undefined;
}

function* valuesAt(
  value: unknown,
  [key, ...rest]: readonly string[],
  path: (string | number)[],
): Generator<{ path: (string | number)[]; value: unknown }> {
  if (key === undefined) yield { path, value };
  else if (typeof value === "object" && value !== null)
    for (const [name, item] of Array.isArray(value) ? value.entries() : Object.entries(value))
      if (key === "*" || key === name) yield* valuesAt(item, rest, [...path, name]);
}

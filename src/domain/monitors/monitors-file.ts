import * as v from "valibot";
import { invalidInput } from "../errors.ts";
import { isMapping } from "../json/is-mapping.ts";
import { checkSource } from "../prompt/source-document.ts";
import { parseMargin, parseShare } from "../policy/quantity.ts";
import { amountUsd, regate } from "./regate-file.ts";
import { TOLERATE, USUAL_MONITORS, type MonitorSpec, type RateMonitor } from "./monitor.ts";

/** What somebody sets: a monitor a name, or that it is off. */
export type SetMonitors = Readonly<Record<string, MonitorSpec | "off">>;

const MOST_MONITORS = 50;
const BUCKETS = 10_000;

const metric = v.pipe(
  v.string("must be a metric's name"),
  v.regex(/^[a-z][a-z0-9_.-]{0,63}$/i, "must be a metric's name, as in error"),
);
const share = v.pipe(
  v.union([v.string(), v.number()], "write a share as 5% or 0.05"),
  v.check((value) => parseShare(value) !== undefined, "write a share from 0% to 100%, as in 5%"),
  v.transform((value) => parseShare(value)! / BUCKETS),
);
const growth = v.pipe(
  v.union([v.string(), v.number()], "write a part as 10%"),
  v.check((value) => {
    const read = parseMargin(value);
    return read !== undefined && read.value >= 0 && read.value <= 10;
  }, "write a part as 10%, from 0% to 1000%"),
  v.transform((value) => parseMargin(value)!.value),
);
const SHARE_OF = /^\s*(<=|>)\s*(-?\d+(?:\.\d+)?)\s*$/;

const rate = v.pipe(
  v.strictObject({
    metric,
    worse: v.optional(v.picklist(["higher", "lower"], "must be higher or lower")),
    over: v.optional(
      v.union([v.literal("reference p95"), v.number()], 'must be "reference p95", or a number'),
    ),
    growth: v.optional(growth),
    share: v.optional(
      v.pipe(v.string(), v.regex(SHARE_OF, 'must be a comparison, as in "<= 2" or "> 8000"')),
    ),
    tolerate: v.optional(growth),
    above: v.optional(share),
  }),
  v.check(
    ({ worse, over, growth: by, share: of }) =>
      [worse, over, by, of].filter((one) => one !== undefined).length <= 1,
    "takes one of worse, over, growth and share",
  ),
  v.transform((written): RateMonitor => ({
    kind: "rate",
    metric: written.metric,
    counting: countingOf(written),
    tolerate: written.tolerate ?? TOLERATE,
    ...(written.above !== undefined && { limit: written.above }),
  })),
  v.check(
    ({ limit }) => limit === undefined || (limit > 0 && limit < 1),
    "above must lie between 0% and 100%",
  ),
);

const cost = v.pipe(
  v.strictObject({
    per_day_usd: amountUsd,
    at: v.optional(v.pipe(v.array(share), v.minLength(1), v.maxLength(10))),
    stop: v.optional(v.boolean("must be true or false"), false),
  }),
  v.transform(({ per_day_usd, at = [0.5, 0.8, 1], stop }): MonitorSpec => ({
    kind: "cost",
    per_day_usd,
    // Whoever has calls refused is told when they are.
    at: [...new Set(stop ? [...at, 1] : at)].toSorted((a, b) => a - b),
    ...(stop && { stop }),
  })),
);

const silent = v.pipe(
  v.strictObject({
    hours: v.optional(
      v.pipe(
        v.number("must be a number of hours"),
        v.integer("must be whole hours"),
        v.minValue(1, "must be 1 to 24"),
        v.maxValue(24, "must be 1 to 24"),
      ),
      3,
    ),
  }),
  v.transform(({ hours }): MonitorSpec => ({ kind: "silent", hours })),
);

/** Monitors that are no rates, by the name that each has. */
const OF_THEIR_OWN = { cost, regate, silent } as const;

function countingOf({
  worse,
  over,
  growth: by,
  share: of,
}: {
  readonly worse?: "higher" | "lower" | undefined;
  readonly over?: "reference p95" | number | undefined;
  readonly growth?: number | undefined;
  readonly share?: string | undefined;
}): RateMonitor["counting"] {
  if (over === "reference p95") return { values: "above_usual" };
  if (over !== undefined) return { values: "above", value: over };
  if (by !== undefined) return { values: "grown", by };
  if (of !== undefined) {
    const [, sign, value] = SHARE_OF.exec(of)!;
    return { values: sign === "<=" ? "at_most" : "above", value: Number(value) };
  }
  return { values: worse === "lower" ? "at_most" : "above", value: 0 };
}

const NAME = /^[a-z][a-z0-9_-]{0,31}$/;
const OFF = new Set<unknown>(["off", false]);
/** No monitor, but what is done by itself. */
const ACTION = "action";

/**
 * Reads what somebody has written of a prompt's monitors: `{ errors: { metric: error, tolerate: 10% }, slow: off }`, and
 * what is done by itself where the tests say that the version alone has got worse: `action: rollback`.
 * `invalid_input` names the monitor, and what to write.
 */
export function readMonitors(written: unknown): SetMonitors {
  if (typeof written !== "object" || written === null || Array.isArray(written))
    throw invalidInput("monitors: must be a mapping of names to monitors, as in { slow: off }");
  const entries = Object.entries(written);
  if (entries.length > MOST_MONITORS)
    throw invalidInput(
      `monitors: ${entries.length} are more than the ${MOST_MONITORS} that a prompt may have`,
    );
  const set = Object.fromEntries(
    entries.filter(([name]) => name !== ACTION).map(([name, value]) => [name, readOne(name, value)]),
  );
  const { regate: asked } = set;
  if (!wantsRollback(written)) return set;
  if (asked === undefined || asked === "off" || asked.kind !== "regate" || asked.triage === false)
    throw invalidInput(
      `monitors.${ACTION}: a rollback is decided by tests that are asked again when an alert opens; set regate beside it, as in { regate: { max_cost_usd: 2 }, action: rollback }, and not its triage: false`,
    );
  return { ...set, regate: { ...asked, action: "rollback" } };
}

/** Whether a prompt's monitors, as somebody has written them, move its pointer. `invalid_input` for any other action. */
export function wantsRollback(written: object): boolean {
  const action: unknown = ACTION in written ? written[ACTION] : undefined;
  if (action === undefined || OFF.has(action)) return false;
  if (action === "rollback") return true;
  throw invalidInput(`monitors.${ACTION}: must be rollback, or off`);
}

function readOne(name: string, value: unknown): MonitorSpec | "off" {
  if (!NAME.test(name))
    throw invalidInput(
      `monitors: ${JSON.stringify(name)} is no name; use a-z, 0-9, "_" and "-", as in slow_answers`,
    );
  if (OFF.has(value)) return "off";
  const schema = Object.hasOwn(OF_THEIR_OWN, name) ? OF_THEIR_OWN[name as keyof typeof OF_THEIR_OWN] : rate;
  const usual = USUAL_MONITORS[name];
  const whole =
    schema === rate && usual && isWithoutMetric(value) ? { metric: usual.metric, ...value } : value;
  const where = `monitors.${name}`;
  const read: MonitorSpec = checkSource<v.GenericSchema<unknown, MonitorSpec>>(
    { name: "monitors", value: whole, locate: () => where },
    schema,
  );
  const isLikeUsual =
    usual && read.kind === "rate" && isWithoutMetric(value) && !("over" in value || "growth" in value);
  return isLikeUsual && !("worse" in value || "share" in value)
    ? { ...read, counting: usual.counting }
    : read;
}

/** One of the usual monitors needs no metric: what it counts is known. */
function isWithoutMetric(value: unknown): value is Readonly<Record<string, unknown>> {
  return isMapping(value) && !("metric" in value);
}

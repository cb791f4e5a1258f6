import * as v from "valibot";
import { versionNumber } from "./prompts.ts";
import { label, model, promptName, tenant } from "./resolver.ts";
import { dataset } from "./versions.ts";

const MOST_RUNS = 10_000;
const MOST_PAIRS = 100;
const text = v.nullable(v.string());
const anything = v.record(v.string(), v.unknown());
const scope = { label: v.optional(label), model: v.optional(model), tenant: v.optional(tenant) };
const unitsPerDay = v.pipe(v.number(), v.gtValue(0), v.maxValue(1e12));
const pairs = v.optional(
  v.pipe(v.array(v.pipe(v.string(), v.maxLength(1_000))), v.maxLength(MOST_PAIRS)),
  [],
);

export const planBody = v.strictObject({
  prompt: promptName,
  version: versionNumber,
  ...scope,
  /** The policy itself; the one that was pushed with the prompt when absent. */
  policy: v.optional(anything),
  /** The test cases of the policy's gate; those of the prompt's own policy when absent. */
  dataset: v.optional(dataset),
  /** New ones to expect; what was recorded in the last 7 days when absent. */
  unitsPerDay: v.optional(unitsPerDay),
});

/** As `sluice plan --json`. */
export const plannedRollout = v.looseObject({
  candidate: v.string(),
  baseline: text,
  label: v.string(),
  model: text,
  tenant: text,
  unitsPerDay: v.nullable(v.number()),
  trafficFrom: v.nullable(v.picklist(["given", "usage"])),
  metrics: v.array(v.looseObject({ metric: v.string() })),
  warnings: v.array(v.string()),
  /** Windows under the default, in ms, by metric. */
  shortWindows: v.record(v.string(), v.number()),
  maxDurationMs: v.nullable(v.number()),
  /** What watches after a promotion: per cent of units. */
  holdback: v.nullable(v.object({ share: v.number(), forMs: v.number() })),
  cannotConclude: v.boolean(),
  gate: text,
});

export const simulationBody = v.strictObject({
  /** Whose policy, baseline and traffic. */
  prompt: v.optional(promptName),
  ...scope,
  /** The policy itself; the one that was pushed with the prompt when absent. Its gate is not asked. */
  policy: v.optional(anything),
  /** What the candidate changes, as in `rating=-0.2`. */
  effect: pairs,
  /** What the baseline is like, as in `rating=4:1` (mean and standard deviation) or `error=0.01`. */
  baseline: pairs,
  /** Users of one value of a segment, as in `language=de:2%:success=-0.8`. */
  segment: pairs,
  unitsPerDay: v.optional(unitsPerDay),
  runs: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(MOST_RUNS)), 1_000),
  /** All chance is drawn from it. */
  seed: v.optional(v.pipe(v.number(), v.safeInteger()), 1),
});

const part = v.number();
/** As `sluice simulate --json`. */
export const simulation = v.looseObject({
  runs: v.number(),
  promoted: part,
  rolledBack: part,
  inconclusive: part,
  standardErrors: v.object({ promoted: part, rolledBack: part, inconclusive: part }),
  medianUnits: v.number(),
  medianElapsedMs: v.number(),
  seed: v.number(),
  unitsPerDay: v.number(),
  trafficFrom: v.picklist(["given", "usage", "assumed"]),
  metrics: v.array(v.looseObject({ metric: v.string() })),
  segments: v.array(v.looseObject({ segment: v.string(), value: v.string() })),
});

import * as v from "valibot";
import { ALERT_ACTS } from "../../domain/shapes/monitors.ts";
import { flag } from "./paging.ts";
import { label, model, promptName, tenant, uuid } from "./resolver.ts";
import { rights } from "./rights.ts";

const text = v.nullable(v.string());
const number = v.nullable(v.number());
const place = { prompt: v.string(), label: v.string(), model: text, tenant: text };

export const monitorsQuery = v.strictObject({ prompt: v.optional(promptName) });
export const monitorParams = v.strictObject({ id: uuid });

/** As `sluice monitors show --json`. */
export const monitor = v.object({
  ...place,
  id: v.string(),
  name: v.string(),
  /** Whether somebody has set it. */
  set: v.boolean(),
  /** It is as the policy says under which the version was promoted. */
  byPolicy: v.boolean(),
  spec: v.nullable(v.looseObject({ kind: v.picklist(["rate", "cost", "regate", "silent"]) })),
  state: v.picklist([
    "learning",
    "watching",
    "alert",
    "muted",
    "rollout",
    "blind",
    "stopped",
    "paused",
    "idle",
    "off",
  ]),
  version: text,
  mutedUntil: text,
  alertId: text,
  reference: v.nullable(
    v.object({
      from: v.string(),
      until: v.string(),
      calls: v.number(),
      /** Share of the calls that count, 0 to 1. */
      rate: v.number(),
      perHour: v.number(),
    }),
  ),
  /** The rate that is accepted, 0 to 1. */
  accepted: number,
  /** Of a rise, on a logarithmic scale: it rings at 1. */
  evidence: v.number(),
  /** After how many hours so many times the rate is found at the median; null: it is not. */
  finds: v.array(v.object({ factor: v.number(), hours: number })),
  /** Of one that asks the version's tests again; null of all others. */
  regate: v.nullable(
    v.object({
      referredAt: text,
      comparedAt: text,
      cases: v.number(),
      passRate: number,
      referencePassRate: number,
      problem: text,
      /** What the vendor calls the model that answers most calls. */
      answeredBy: text,
    }),
  ),
  /** Of a budget of the day; null of all others. Amounts in US dollars. */
  cost: v.nullable(
    v.object({
      spentUsd: v.number(),
      resetsAt: v.string(),
      /** What calls may cost beyond it before every process has heard; null where nothing is stopped. */
      overshootUsd: number,
      /** Calls of the last day that were answered and have recorded no cost. */
      uncountedCalls: v.number(),
      unpricedModels: v.array(v.string()),
    }),
  ),
});

/** As `sluice monitors list --json`, with `items` for its monitors. */
export const monitorList = v.object({
  lookedAt: text,
  /** So many monitors share one false alarm in 90 days. */
  sharing: v.number(),
  items: v.array(monitor),
  next: v.null(),
});

export const setMonitorsBody = v.strictObject({
  prompt: promptName,
  label: v.optional(label),
  model: v.optional(model),
  tenant: v.optional(tenant),
  /** A monitor a name, as a file of `sluice monitors set` has them. */
  monitors: v.looseObject({}),
});
export const monitorsSet = v.object({ items: v.array(monitor), next: v.null() });

export const muteBody = v.strictObject({
  /** In ms; 0: it rings again. */
  forMs: v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(31 * 86_400_000)),
});

export const replayQuery = v.strictObject({
  /** The change: so many times the rate. 2 when absent. */
  factor: v.optional(
    v.pipe(
      v.string(),
      v.regex(/^\d{1,3}(\.\d{1,3})?$/, "must be a number from 1 to 100"),
      v.transform(Number),
    ),
  ),
});
/** As `sluice monitors test --json`. */
export const replayed = v.looseObject({
  monitor: v.string(),
  prompt: v.string(),
  label: v.string(),
  version: v.string(),
  from: v.string(),
  until: v.string(),
  hours: v.number(),
  rang: v.array(v.looseObject({ at: v.string(), over: text, since: v.string() })),
  planted: v.nullable(v.object({ factor: v.number(), foundAfterHours: number })),
});

export const alertsQuery = v.strictObject({
  prompt: v.optional(promptName),
  /** Those that are over, too. */
  all: v.optional(flag),
});
const testedVersion = v.object({
  version: v.string(),
  evaluationId: v.string(),
  cases: number,
  /** 0 to 1. */
  passRate: number,
  referencePassRate: number,
});

/** As `sluice alerts --json`. */
export const alert = v.object({
  ...place,
  id: v.string(),
  kind: v.picklist(["rate", "cost", "drift", "silent"]),
  monitor: v.string(),
  monitorId: v.string(),
  version: v.string(),
  openedAt: v.string(),
  since: v.string(),
  evidence: v.looseObject({}),
  triage: v.nullable(
    v.looseObject({
      cause: v.picklist(["model", "version", "traffic", "unknown"]),
      says: v.array(v.string()),
      /** What its tests said, asked again for it; absent where nobody has set that they are. */
      tests: v.optional(
        v.looseObject({
          state: v.picklist(["asking", "told", "failed"]),
          live: v.nullable(testedVersion),
          /** What a rollback would bring back. */
          previous: v.nullable(testedVersion),
          problem: text,
          rollback: v.nullable(v.object({ done: v.boolean(), to: v.string(), refusal: text })),
        }),
      ),
    }),
  ),
  /** In one sentence. */
  message: v.string(),
  acknowledgedBy: text,
  /** Until when its monitor raises no other. */
  mutedUntil: text,
  resolvedAt: text,
  resolution: text,
  /** In a list: what whoever asks may do about it. */
  can: v.optional(rights(ALERT_ACTS)),
});
export const alertList = v.object({ items: v.array(alert), next: v.null() });

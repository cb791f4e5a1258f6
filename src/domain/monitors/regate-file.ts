import * as v from "valibot";
import { parseDuration, parseMargin } from "../policy/quantity.ts";
import type { RegateMonitor } from "./monitor.ts";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const LONGEST_MS = 31 * DAY_MS;
const TIME = /^([01]\d|2[0-3]):([0-5]\d)$/;

export const amountUsd = v.pipe(
  v.number("must be an amount in US dollars"),
  v.minValue(0.000_001, "must be above 0"),
);

const every = v.pipe(
  v.string("write a time as 1d"),
  v.check((text) => {
    const ms = parseDuration(text);
    return ms !== undefined && ms >= HOUR_MS && ms <= LONGEST_MS;
  }, "write a time from 1h to 31d, as in 1d"),
  v.transform((text) => parseDuration(text)!),
);
const margin = v.pipe(
  v.union([v.string(), v.number()], "write points as 3pp"),
  v.check((value) => {
    const read = parseMargin(value);
    return read?.kind === "absolute" && read.value >= 0 && read.value < 1;
  }, "write points of the pass rate as 3pp, from 0pp to below 100pp"),
  v.transform((value) => parseMargin(value)!.value),
);

/** `{ every: 1d, at: "03:00", margin: 3pp, max_cost_usd: 2, triage: true }`; what it may cost has no default. */
export const regate = v.pipe(
  v.strictObject({
    every: v.optional(every, "1d"),
    at: v.optional(
      v.pipe(
        v.string('write a time of day in UTC, as in "03:00"'),
        v.regex(TIME, 'write a time of day in UTC, as in "03:00"'),
      ),
      "03:00",
    ),
    margin: v.optional(margin, "3pp"),
    max_cost_usd: amountUsd,
    triage: v.optional(v.boolean("must be true or false"), true),
  }),
  v.transform((written): RegateMonitor => {
    const [, hours, minutes] = TIME.exec(written.at)!;
    return {
      kind: "regate",
      every_ms: written.every,
      at_minutes: Number(hours) * 60 + Number(minutes),
      margin: written.margin,
      max_cost_usd: written.max_cost_usd,
      ...(!written.triage && { triage: false }),
    };
  }),
);

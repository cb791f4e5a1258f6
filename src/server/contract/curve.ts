import * as v from "valibot";
import { MOST_POINTS } from "../../domain/shapes/curve.ts";

const text = v.nullable(v.string());
const column = v.array(v.nullable(v.number()));

const whole = (most: number) =>
  v.pipe(
    v.string(),
    v.regex(/^[0-9]{1,9}$/, `must be a whole number up to ${most}`),
    v.transform(Number),
    v.maxValue(most, `must be a whole number up to ${most}`),
  );

export const curveQuery = v.strictObject({
  /** Looks at most, spread evenly; where the verdict has changed there are some more. Default 300. */
  points: v.optional(
    v.pipe(whole(MOST_POINTS), v.minValue(1, `must be a whole number from 1 to ${MOST_POINTS}`)),
  ),
  /** Only looks after the one of this number. */
  after: v.optional(whole(999_999_999)),
});

const scale = v.nullable(v.picklist(["difference", "ratio", "increase", "value", "evidence"]));

/** Column by column: the n-th item of each list is of the n-th look. */
export const rolloutCurve = v.object({
  tick: v.array(v.number()),
  at: v.array(v.string()),
  stage: v.array(v.number()),
  verdict: v.array(v.string()),
  units: v.object({ new: v.array(v.number()), current: v.array(v.number()) }),
  metrics: v.record(
    v.string(),
    v.object({
      role: v.picklist(["goal", "guardrail"]),
      kind: v.picklist(["mean", "proportion", "rare", "ratio"]),
      direction: v.picklist(["higher", "lower"]),
      claim: v.picklist(["superior", "non_inferior", "limit", "harmless"]),
      new: column,
      current: column,
      diff: column,
      harmScale: scale,
      claimScale: scale,
      bestCase: column,
      harmLine: column,
      worstCase: column,
      claimLine: column,
      since: v.object({ met: text, harm: text }),
    }),
  ),
  fuses: v.record(
    v.string(),
    v.object({ metric: v.string(), above: v.boolean(), edge: column, line: column }),
  ),
  marks: v.array(v.object({ at: v.string(), kind: v.string(), text: v.string() })),
  decidedBy: text,
});

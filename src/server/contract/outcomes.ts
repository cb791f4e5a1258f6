import * as v from "valibot";

const count = v.number();

/** How many rows were stored now, and what became of the others. */
export const receipt = v.object({
  exposures: count,
  refusedExposures: count,
  outcomes: count,
  joined: count,
  late: count,
  refusedValues: count,
  /** Outcomes and exposures that this key may not send; none of them is stored. */
  forbidden: v.optional(count),
  /** Of a relay: it is kept there, and stored when its server takes it. The numbers are 0 until then. */
  spooled: v.optional(v.literal(true)),
  /** Items of `items` that say nothing that can be stored, and why. */
  refusedItems: v.optional(v.array(v.object({ at: count, why: v.string() }))),
});

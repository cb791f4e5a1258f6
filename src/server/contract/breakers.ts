import * as v from "valibot";

/** As `sluice breakers list --json`. */
export const heldBackList = v.object({
  items: v.array(
    v.object({
      provider: v.string(),
      endpoint: v.string(),
      /** Null: the endpoint itself, which could not be reached. */
      model: v.nullable(v.string()),
      state: v.picklist(["open", "half_open"]),
      /** Until a call may try. */
      retryAfterMs: v.number(),
      /** The kind of the failure that opened it. */
      reason: v.string(),
      /** One call of all processes tries just now. */
      isTried: v.boolean(),
    }),
  ),
  next: v.null(),
});

export const resetBody = v.strictObject({
  /** Of this endpoint alone; of all when absent. */
  endpoint: v.optional(v.pipe(v.string(), v.minLength(1), v.maxLength(2_000))),
});

import * as v from "valibot";

/** Events are looked at one by one: one that cannot be read does not lose the others. */
export const ingestionBody = v.looseObject({ batch: v.array(v.unknown()) });

export const ingestionAnswer = v.object({
  successes: v.array(v.object({ id: v.string(), status: v.literal(201) })),
  errors: v.array(v.never()),
});

/** One, or a list of them. */
export const scoresBody = v.union([v.array(v.unknown()), v.looseObject({})]);

export const scoreTaken = v.object({ id: v.string() });
export const scoresTaken = v.object({ message: v.literal("Accepted") });

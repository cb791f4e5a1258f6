import * as v from "valibot";

/** `why` says what stands in the way: the state of things, or who may instead. */
const right = v.variant("allowed", [
  v.object({ allowed: v.literal(true) }),
  v.object({ allowed: v.literal(false), because: v.picklist(["state", "right"]), why: v.string() }),
]);

/** What whoever asks may do, by act. */
export function rights<const Act extends string>(acts: readonly Act[]) {
  return v.object(Object.fromEntries(acts.map((act) => [act, right])) as Readonly<Record<Act, typeof right>>);
}

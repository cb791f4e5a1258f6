import type { ShownRollout } from "./shown-rollout.ts";

/** How the differences came about. */
export function Curves(_: { readonly status: ShownRollout }) {
  return null;
}

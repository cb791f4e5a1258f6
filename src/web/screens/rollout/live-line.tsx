import { useKept } from "../../data/kept.ts";
import { isLive } from "../../data/stream.ts";
import type { ShownRollout } from "./shown-rollout.ts";

/** Whether what is seen is of now. */
export function LiveLine({ status: { outcome } }: { readonly status: ShownRollout }) {
  const live = useKept(isLive);
  if (outcome !== null) return null;
  return (
    <span class={live ? "live-line on" : "live-line"}>
      <span class="dot" aria-hidden="true" />
      {live ? "Live" : "Reconnecting"}
    </span>
  );
}

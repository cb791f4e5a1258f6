import { useKept } from "../../data/kept.ts";
import { isLive } from "../../data/stream.ts";
import { ago, clock, useNow } from "../../parts/time.tsx";
import type { ShownRollout } from "./shown-rollout.ts";

/** Looks that may fail to come before it is asked who looks, and what is never too long for one. */
const MISSED = 3;
const NEVER_LATE_MS = 60_000;
const NOW_MS = 1_000;

/** Whether what is seen is of now, and when the evidence was last looked at. */
export function LiveLine({
  status: { outcome, phase },
  lookedAt,
  intervalMs,
}: {
  readonly status: ShownRollout;
  readonly lookedAt: string | undefined;
  readonly intervalMs: number | undefined;
}) {
  const live = useKept(isLive);
  const now = useNow(NOW_MS);
  if (outcome !== null) return null;
  const look = phase === "canary" && lookedAt !== undefined ? new Date(lookedAt) : undefined;
  const isLate =
    look !== undefined &&
    intervalMs !== undefined &&
    now.getTime() - look.getTime() > Math.max(NEVER_LATE_MS, MISSED * intervalMs);
  return (
    <span class={live ? "live-line on" : "live-line"}>
      <span class="dot" aria-hidden="true" />
      {live ? "Live" : "Reconnecting"}
      {look &&
        (isLate
          ? ` · last look ${clock(look)} (${ago(look, now)}): is a worker running?`
          : ` · looked ${ago(look, now)}`)}
    </span>
  );
}

import type { RolloutStatus } from "../../../domain/rollout/rollout.ts";

/** How far somebody waits: the gate's verdict, the promotion, or the very end. */
export type Until = "gate" | "promotion" | "end";

/** A rollout that has come as far as somebody waits for. The exit code of one that goes on is 0. */
export function reached({ phase, outcome }: RolloutStatus, until: Until): boolean {
  if (outcome !== null) return true;
  switch (until) {
    case "gate":
      return phase !== "validating" && phase !== "evaluating";
    case "promotion":
      return phase === "watching";
    case "end":
      return false;
  }
}

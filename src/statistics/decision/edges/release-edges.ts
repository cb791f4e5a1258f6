import { farringtonManning } from "../../inference/farrington-manning.ts";
import { beyond, inScale, MIN_VALUES } from "../harm.ts";
import { differenceEdge, type Edge } from "./harm-edges.ts";
import type { Line } from "../line.ts";
import { events } from "../both-versions/arm-sums.ts";
import { smallest } from "./solve.ts";

/** A claim: the worst that the candidate can still be, against what has to be proven; null where none is tested. */
export function releaseEdge({ metric, seen, left, limit }: Line, boundary: number | null): Edge | null {
  if (boundary === null || seen.broken || metric.claim === "harmless") return null;
  if (metric.claim === "limit") return limitEdge({ seen, limit }, boundary);
  if (Math.min(seen.n.candidate, seen.n.control) < MIN_VALUES) return null;
  const margin = metric.claim === "superior" ? ZERO : (left?.margin ?? metric.margin ?? ZERO);
  const worse = beyond(seen, metric.direction, margin);
  if (!worse) return null;
  const better = metric.direction === "higher" ? 1 : -1;
  return differenceEdge(
    seen,
    -better * inScale(margin, metric, seen),
    better * (-worse.z - boundary) * worse.se,
    // No worse than claimed, at the boundary itself as well.
    (past) => better * past >= 0,
  );
}

const ZERO = { kind: "absolute", value: 0 } as const;

/** The smallest increase, or ratio, that a rare event is surely under: by the one test that was chosen for it. */
function limitEdge({ seen, limit }: Pick<Line, "seen" | "limit">, boundary: number): Edge | null {
  const { candidate, control } = seen.units;
  if (!limit || Math.min(candidate, control) < MIN_VALUES) return null;
  const { form } = limit;
  const line = form === "ratio" ? limit.ratio : limit.increase;
  const shown = (value: number) => {
    const result = farringtonManning({
      candidate: { x: events(seen, "candidate"), n: candidate },
      control: { x: events(seen, "control"), n: control },
      against: { form, value },
    });
    return result.ok && result.z >= boundary;
  };
  const edge = smallest(shown, form === "ratio" ? { from: 1, to: 1e9 } : { from: 0, to: 1 - 1e-12 });
  return {
    scale: form === "ratio" ? "ratio" : "increase",
    line,
    edge,
    beyond: edge !== null && edge <= line,
  };
}

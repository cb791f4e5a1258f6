import type { Edge } from "./harm-edges.ts";

/** Significant digits of what a picture is drawn from. */
export const DRAWN_DIGITS = 5;

/** A number as it is drawn from. */
export function drawn(value: number): number {
  return Number(value.toPrecision(DRAWN_DIGITS));
}

/** An edge in few digits, on the same side of its line as before: `past` 1 where it is decided above the line, −1 below. */
export function drawnEdge(
  { line, edge, beyond }: Pick<Edge, "line" | "edge" | "beyond">,
  past: 1 | -1,
): { readonly line: number; readonly edge: number | null } {
  const at = drawn(line);
  if (edge === null) return { line: at, edge };
  const near = drawn(edge);
  const isPast = past * (near - at) > 0;
  if (isPast === beyond) return { line: at, edge: near };
  return { line: at, edge: beyond ? at + past * stepAt(at) : at - past * stepAt(at) };
}

/** The least that two numbers of so many digits differ by there. */
function stepAt(value: number): number {
  const magnitude = value === 0 ? -DRAWN_DIGITS : Math.floor(Math.log10(Math.abs(value)));
  return 10 ** (magnitude - DRAWN_DIGITS + 1);
}

/** On which side of its line an edge decides. */
export function pastSide(
  { scale }: Pick<Edge, "scale">,
  direction: "higher" | "lower",
  which: "harm" | "release",
): 1 | -1 {
  if (which === "harm") return scale === "difference" && direction === "higher" ? -1 : 1;
  return scale === "difference" && direction === "higher" ? 1 : -1;
}

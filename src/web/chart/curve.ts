type Series = readonly (number | null)[];

/** Something that happened, at a place on the axis. */
export interface ChartMark {
  readonly at: number;
  readonly text: string;
}

/** How one difference came about, look by look. Up is better, whatever the metric. */
export interface Curve {
  /** In ms since 1970, rising. */
  readonly at: readonly number[];
  readonly estimate: Series;
  /** The best that the truth can be: under `harmLine` it is rolled back. */
  readonly best: Series;
  /** The worst that it can be, while a claim is tested: over `claimLine` it is good enough. */
  readonly worst: Series;
  readonly harmLine: Series;
  readonly claimLine: Series;
  /** Values are logarithms (base 10) of how many times as good: 0 is the same. */
  readonly isFactor?: true;
}

/** Early looks, whose ranges are wide: they do not decide how much of the picture the rest gets. */
const MOUTH = 0.25;
const MARGIN = 0.08;
/** Of factors: further than a hundred times as good or bad nothing has to be seen. */
const FURTHEST = 2;

/** What the picture has to hold, lowest and highest. */
export function rangeOf(curve: Curve): readonly [number, number] {
  const { best, worst, estimate, harmLine, claimLine, isFactor } = curve;
  const late = Math.floor(best.length * MOUTH);
  const values = [
    0,
    ...harmLine,
    ...claimLine,
    ...estimate.slice(late),
    ...best.slice(late),
    ...worst,
  ].filter((value) => value !== null && Number.isFinite(value)) as number[];
  const lines = [...harmLine, ...claimLine].filter((value) => value !== null);
  const [low, high] = [
    Math.max(Math.min(...values), isFactor ? Math.min(-FURTHEST, ...lines) : Number.NEGATIVE_INFINITY),
    Math.min(Math.max(...values), isFactor ? Math.max(FURTHEST, ...lines) : Number.POSITIVE_INFINITY),
  ];
  const margin = (high - low || 1) * MARGIN;
  return [low - margin, high + margin];
}

/** Points of a line, with a gap where there is no value; a point alone is a dot, where line ends are round. */
export function linePath(xs: readonly number[], ys: Series): string {
  let path = "";
  let isOpen = false;
  for (const [index, y] of ys.entries()) {
    const x = xs[index];
    if (y === null || x === undefined) isOpen = false;
    else {
      path += `${isOpen ? "L" : "M"}${x.toFixed(1)} ${y.toFixed(1)}${isOpen ? "" : "h0"}`;
      isOpen = true;
    }
  }
  return path;
}

/** The ground between two lines, in as many pieces as both are there. */
export function bandPath(xs: readonly number[], upper: Series, lower: Series): string {
  const pieces: string[] = [];
  let piece: { readonly x: number; readonly top: number; readonly bottom: number }[] = [];
  const close = () => {
    if (piece.length > 1) {
      const there = piece.map(({ x, top }) => `${x.toFixed(1)} ${top.toFixed(1)}`);
      const back = piece.toReversed().map(({ x, bottom }) => `${x.toFixed(1)} ${bottom.toFixed(1)}`);
      pieces.push(`M${[...there, ...back].join("L")}Z`);
    }
    piece = [];
  };
  for (const [index, x] of xs.entries()) {
    const [top, bottom] = [upper[index] ?? null, lower[index] ?? null];
    if (top === null || bottom === null) close();
    else piece.push({ x, top, bottom });
  }
  close();
  return pieces.join("");
}

/** The same distance on the other side of the estimate: for a range of which one edge alone is tested. */
export function mirrored({ estimate, best, worst }: Curve): (number | null)[] {
  return estimate.map((middle, index) => {
    const edge = best[index] ?? null;
    // The first look that tests the other edge belongs to both pieces, so that there is no gap between them.
    const isTested = (worst[index] ?? null) !== null && (index === 0 || (worst[index - 1] ?? null) !== null);
    return middle === null || edge === null || isTested ? null : 2 * middle - edge;
  });
}

/** Rows for words that begin at these places and are so wide, in order: none lies over another; `most` where no row has room. */
export function rowsOf(
  words: readonly { readonly x: number; readonly width: number }[],
  most: number,
): number[] {
  const ends: number[] = [];
  return words.map(({ x, width }) => {
    const free = Array.from({ length: most }, (_, row) => row).find((row) => (ends[row] ?? x) <= x);
    if (free !== undefined) ends[free] = x + width;
    return free ?? most;
  });
}

/** Heights of labels, from the top, pushed apart to be `gap` away from each other. */
export function spread(heights: readonly number[], gap: number): number[] {
  const order = heights.map((height, index) => ({ height, index })).toSorted((a, b) => a.height - b.height);
  const placed: number[] = [];
  let last = Number.NEGATIVE_INFINITY;
  for (const { height, index } of order) {
    last = Math.max(height, last + gap);
    placed[index] = last;
  }
  return placed;
}

/**
 * Heights of an edge in a picture, from the top. What is past its line by less than a pixel is drawn past it by one, and
 * what is not is never drawn past it: a picture crosses a line where that decides, and nowhere else.
 */
export function heightsOf(
  { edge, line, past }: { readonly edge: Series; readonly line: Series; readonly past: "above" | "below" },
  heightOf: (value: number) => number,
): (number | null)[] {
  const down = past === "below" ? 1 : -1;
  return edge.map((value, at) => {
    const limit = line[at] ?? null;
    if (value === null || limit === null) return value === null ? null : heightOf(value);
    const beyond = (heightOf(value) - heightOf(limit)) * down;
    const isPast = past === "below" ? value < limit : value > limit;
    return heightOf(limit) + down * (isPast ? Math.max(1, beyond) : Math.min(0, beyond));
  });
}

/** The first look at which the worst case is tested where it was not before; undefined where there is none. */
export function firstTested({ best, worst }: Curve): number | undefined {
  const first = worst.findIndex((value) => value !== null);
  const isLater = first > 0 && best.slice(0, first).some((value) => value !== null);
  return isLater ? first : undefined;
}

/** The looks that have something to draw. */
export function knownLooks({ estimate, best }: Curve): number[] {
  return estimate.flatMap((value, at) => (value === null && (best[at] ?? null) === null ? [] : [at]));
}

/** Whether a part of the range has a lower side that nothing tests. */
export function hasMirror(curve: Curve): boolean {
  return mirrored(curve).some((value) => value !== null);
}

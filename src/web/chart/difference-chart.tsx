import { useId, useState } from "preact/hooks";
import {
  type ChartMark,
  type Curve,
  bandPath,
  firstTested,
  hasMirror,
  heightsOf,
  linePath,
  mirrored,
  rangeOf,
  spread,
} from "./curve.ts";
import { LETTER, Marks } from "./chart-marks.tsx";
import { LookSlider } from "./look-slider.tsx";
import { factorTicksOf, scaleOf, ticksOf } from "./scale.ts";

export interface DifferenceChartProps {
  /** What it is of, for the scrubber. */
  readonly title: string;
  readonly curve: Curve;
  /** A value of the axis in words: a difference in the metric's own unit. */
  readonly write: (value: number) => string;
  /** What is said of one look. */
  readonly sentence: (index: number) => string;
  /** A place on the axis in words: a time, or so many users. */
  readonly time: (at: number) => string;
  readonly marks: readonly ChartMark[];
}

const WIDE = { width: 720, height: 280, right: 150, left: 64 };
const NARROW = { width: 340, height: 240, right: 10, left: 52 };
type Size = typeof WIDE;
const [TOP, BOTTOM, LABEL_GAP] = [18, 28, 15];
/** What the time at either end of the axis takes. */
const TIME = 48;

/** A difference look by look, with the range in which it surely lies and the lines that decide. */
export function DifferenceChart(props: DifferenceChartProps) {
  const { title, curve, sentence } = props;
  const last = curve.at.length - 1;
  const [chosen, setChosen] = useState<number>();
  const index = chosen === undefined || chosen > last ? last : chosen;
  return (
    <div class="chart">
      <Picture {...props} size={WIDE} index={index} isChosen={chosen !== undefined} />
      <Picture {...props} size={NARROW} index={index} isChosen={chosen !== undefined} />
      <ul class="chart-key">
        <li class="key-estimate">estimate</li>
        <li class="key-range">where the true difference can be</li>
        {hasMirror(curve) && <li class="key-pale">pale below: not tested for release yet</li>}
        <li class="key-harm">rolled back below</li>
        {curve.claimLine.some((value) => value !== null) && <li class="key-claim">good enough above</li>}
      </ul>
      <LookSlider title={title} last={last} value={index} sentence={sentence(index)} onChoose={setChosen} />
    </div>
  );
}

function Picture({
  curve,
  size,
  index,
  isChosen,
  write,
  time,
  marks,
}: DifferenceChartProps & { readonly size: Size; readonly index: number; readonly isChosen: boolean }) {
  const clip = useId();
  const { width, height, left, right } = size;
  const [low, high] = rangeOf(curve);
  const x = scaleOf(curve.at[0] ?? 0, curve.at.at(-1) ?? 1, left, width - right);
  const y = scaleOf(low, high, height - BOTTOM, TOP);
  const xs = curve.at.map(x.of);
  const ys = (values: readonly (number | null)[]) =>
    values.map((value) => (value === null ? null : y.of(value)));
  const best = heightsOf({ edge: curve.best, line: curve.harmLine, past: "below" }, y.of);
  const worst = heightsOf({ edge: curve.worst, line: curve.claimLine, past: "above" }, y.of);
  const cursor = xs[index] ?? left;
  return (
    <svg class={size === WIDE ? "wide" : "narrow"} viewBox={`0 0 ${width} ${height}`} aria-hidden="true">
      <clipPath id={clip}>
        <rect x={left} y={TOP} width={width - left - right} height={height - TOP - BOTTOM} />
      </clipPath>
      {(curve.isFactor ? factorTicksOf : ticksOf)(low, high, 5).map((value) => (
        <g key={value} class={value === 0 ? "grid zero" : "grid"}>
          <path d={`M${left} ${y.of(value).toFixed(1)}H${width - right}`} />
          <text x={left - 8} y={y.of(value) + 4} text-anchor="end">
            {write(value)}
          </text>
        </g>
      ))}
      <Times curve={curve} size={size} time={time} />
      <g clip-path={`url(#${clip})`}>
        <path class="range pale" d={bandPath(xs, best, ys(mirrored(curve)))} />
        <path class="range" d={bandPath(xs, best, worst)} />
        <path class="claim" d={linePath(xs, ys(curve.claimLine))} />
        <path class="harm" d={linePath(xs, ys(curve.harmLine))} />
        <path class="edge best" d={linePath(xs, best)} />
        <path class="edge worst" d={linePath(xs, worst)} />
        <path class="estimate" d={linePath(xs, ys(curve.estimate))} />
        <Marks marks={marks} from={curve.at[0] ?? 0} placeOf={x.of} top={TOP} bottom={height - BOTTOM} />
        {isChosen && <path class="cursor" d={`M${cursor.toFixed(1)} ${TOP}V${height - BOTTOM}`} />}
      </g>
      <TooFew curve={curve} left={left} xs={xs} y={height - BOTTOM - 8} />
      <Pale curve={curve} xs={xs} left={left} right={width - right} height={height} />
      {size === WIDE && <EndLabels curve={curve} x={width - right + 8} y={(value) => y.of(value)} />}
    </svg>
  );
}

function Times({
  curve: { at },
  size,
  time,
}: Pick<DifferenceChartProps, "curve" | "time"> & { readonly size: Size }) {
  const { width, height, left, right } = size;
  const [first, last] = [at[0] ?? 0, at.at(-1) ?? 0];
  return (
    <g class="times">
      <text x={left} y={height - 8}>
        {time(first)}
      </text>
      <text x={width - right} y={height - 8} text-anchor="end">
        {time(last)}
      </text>
    </g>
  );
}

/** Why the picture is empty where it begins. */
function TooFew({
  curve: { estimate },
  left,
  xs,
  y,
}: {
  readonly curve: Curve;
  readonly left: number;
  readonly xs: readonly number[];
  readonly y: number;
}) {
  const begins = xs[estimate.findIndex((value) => value !== null)] ?? left;
  if (begins - left < 80) return null;
  return (
    <text class="too-few" x={left + 6} y={y}>
      too few yet
    </text>
  );
}

const [UNTESTED, TESTED] = ["not tested for release yet", "tested for release"];

/** Why the lower side of the range is pale, and another one from where the last stage begins: beside the axis' times. */
function Pale({
  curve,
  xs,
  left,
  right,
  height,
}: {
  readonly curve: Curve;
  readonly xs: readonly number[];
  readonly left: number;
  readonly right: number;
  readonly height: number;
}) {
  if (!hasMirror(curve)) return null;
  const first = firstTested(curve);
  const ends = first === undefined ? right - TIME : (xs[first] ?? right);
  // Where the last stage has just begun, the axis' last time stands there.
  const before = Math.min(ends, right - TIME);
  return (
    <g class="pale-words">
      {before - left > UNTESTED.length * LETTER + TIME && (
        <text x={before - 6} y={height - 8} text-anchor="end">
          {UNTESTED}
        </text>
      )}
      {first !== undefined && (
        <>
          <path d={`M${ends.toFixed(1)} ${TOP}V${height - BOTTOM + 6}`} />
          {right - ends > TESTED.length * LETTER + TIME && (
            <text x={ends + 6} y={height - 8}>
              {TESTED}
            </text>
          )}
        </>
      )}
    </g>
  );
}

function EndLabels({
  curve,
  x,
  y,
}: {
  readonly curve: Curve;
  readonly x: number;
  readonly y: (value: number) => number;
}) {
  const ends = [
    { text: "best case", value: curve.best.at(-1) ?? null },
    { text: "estimate", value: curve.estimate.at(-1) ?? null },
    { text: "worst case", value: curve.worst.at(-1) ?? null },
    { text: "rolled back below", value: curve.harmLine.at(-1) ?? null },
    { text: "good enough above", value: curve.claimLine.at(-1) ?? null },
  ].flatMap(({ text, value }) => (value === null ? [] : [{ text, height: y(value) }]));
  const heights = spread(
    ends.map(({ height }) => height),
    LABEL_GAP,
  );
  return (
    <g class="end-labels">
      {ends.map(({ text }, index) => (
        <text key={text} x={x} y={(heights[index] ?? 0) + 4}>
          {text}
        </text>
      ))}
    </g>
  );
}

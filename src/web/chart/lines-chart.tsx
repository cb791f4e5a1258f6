import { spread } from "./curve.ts";
import type { ChartMark } from "./curve.ts";
import { Bars } from "./bars.tsx";
import { type Scale, scaleOf, ticksOf } from "./scale.ts";

export interface Line {
  /** What it is of, at its end and in the key: `@8`. */
  readonly name: string;
  /** Which of the colours and dashes it has, from 0. */
  readonly style: number;
  /** A value for each moment; null where there is none. */
  readonly values: readonly (number | null)[];
  /** It stands beside another line of the same style. */
  readonly isPale?: boolean;
}

export interface LinesChartProps {
  readonly title: string;
  /** The same for who cannot see it. */
  readonly summary: string;
  readonly at: readonly number[];
  readonly lines: readonly Line[];
  /** A round value, at the axis. */
  readonly write: (value: number) => string;
  /** Any value. */
  readonly say: (value: number) => string;
  /** What happened, drawn where it did. */
  readonly marks?: readonly ChartMark[];
  readonly time: (at: number) => string;
  /** Where nothing is a value too, so that a height means something. */
  readonly fromZero?: boolean;
}

const WIDE = { width: 480, height: 190, left: 56, right: 44 };
const NARROW = { width: 280, height: 180, left: 48, right: 40 };
/** Above the lines is room for what happened. */
const [TOP, BOTTOM, LABEL_GAP] = [24, 24, 14];

/** How several versions did over time: told apart by colour, dash and a name at the end of each line. */
export function LinesChart(props: LinesChartProps) {
  return (
    <figure class="lines-chart card">
      <figcaption>
        <h3>{props.title}</h3>
      </figcaption>
      <p class="heard">{props.summary}</p>
      {props.at.length === 1 ? (
        <Bars {...props} />
      ) : (
        <>
          <Picture {...props} size={WIDE} kind="wide" />
          <Picture {...props} size={NARROW} kind="narrow" />
        </>
      )}
    </figure>
  );
}

function Picture({
  at,
  lines,
  write,
  time,
  fromZero = false,
  marks = [],
  size: { width, height, left, right },
  kind,
}: LinesChartProps & { readonly size: typeof WIDE; readonly kind: "wide" | "narrow" }) {
  const known = lines.flatMap(({ values }) => values.filter((value) => value !== null));
  const [least, most] = [Math.min(...known), Math.max(...known)];
  const room = (most - least) * 0.1 || Math.abs(most) * 0.05 || 1;
  const x = scaleOf(at[0] ?? 0, at.at(-1) ?? 1, left, width - right);
  const y = scaleOf(fromZero ? 0 : least - room, most + room, height - BOTTOM, TOP);
  const ends = lines.map(({ values }) => {
    const last = values.findLastIndex((value) => value !== null);
    return { x: x.of(at[last] ?? 0), y: y.of(values[last] ?? 0) };
  });
  const places = spread(
    ends.map((end) => end.y),
    LABEL_GAP,
  );
  return (
    <svg class={kind} viewBox={`0 0 ${width} ${height}`} aria-hidden="true">
      {ticksOf(y.from, y.to, 4).map((tick) => (
        <g key={tick} class="grid">
          <path d={`M${left} ${y.of(tick).toFixed(1)}H${width - right}`} />
          <text x={left - 6} y={y.of(tick) + 4} text-anchor="end">
            {write(tick)}
          </text>
        </g>
      ))}
      <text x={left} y={height - 6}>
        {time(at[0] ?? 0)}
      </text>
      <text x={width - right} y={height - 6} text-anchor="end">
        {at.length > 1 ? time(at.at(-1) ?? 0) : ""}
      </text>
      {apart(marks, x).map(({ at: place, text }) => (
        <g key={`${place} ${text}`} class="mark-line">
          <path d={`M${place.toFixed(1)} ${TOP - 18}V${height - BOTTOM}`} />
          <text x={place - 4} y={TOP - 10} text-anchor="end">
            {text}
          </text>
        </g>
      ))}
      {lines.map(({ name, style, values, isPale }, index) => (
        <g key={`${name} ${isPale === true}`} class={`line-${style}${isPale ? " pale" : ""}`}>
          <path
            d={pathOf(values.map((value, one) => [x.of(at[one] ?? 0), value === null ? null : y.of(value)]))}
          />
          {!isPale && (
            <text class="end" x={(ends[index]?.x ?? 0) + 6} y={(places[index] ?? 0) + 4}>
              {name}
            </text>
          )}
        </g>
      ))}
    </svg>
  );
}

/** What a mark's words take. */
const MARK_WIDTH = 52;

/** Marks from the first moment on, where they are drawn; of those that would lie over each other the last one. */
function apart(marks: readonly ChartMark[], x: Scale): ChartMark[] {
  const placed: ChartMark[] = [];
  for (const { at, text } of marks) {
    if (at < x.from) continue;
    // What has happened since the last moment began stands at its place.
    const place = x.of(Math.min(at, x.to));
    const before = placed.at(-1);
    if (before && place - before.at < MARK_WIDTH) placed.pop();
    placed.push({ at: place, text });
  }
  return placed;
}

/** With a gap where there is no value, and a dot for one that stands alone. */
function pathOf(points: readonly (readonly [number, number | null])[]): string {
  return points
    .map(([x, y], at) => {
      if (y === null) return "";
      const isFirst = at === 0 || points[at - 1]?.[1] === null;
      const isAlone = isFirst && (points[at + 1]?.[1] ?? null) === null;
      return `${isFirst ? "M" : "L"}${x.toFixed(1)} ${y.toFixed(1)}${isAlone ? "h0.01" : ""}`;
    })
    .join("");
}

import { type ChartMark, rowsOf } from "./curve.ts";

/** What a letter takes at most. */
export const LETTER = 6;
const [MOST_ROWS, ROW] = [3, 14];

/** What happened, where it did: the words under each other where they are near, and none where there is no room. */
export function Marks({
  marks,
  from,
  placeOf,
  top,
  bottom,
}: {
  readonly marks: readonly ChartMark[];
  /** Where the picture begins. */
  readonly from: number;
  readonly placeOf: (at: number) => number;
  readonly top: number;
  readonly bottom: number;
}) {
  const shown = withinPicture(marks, from);
  const words = shown.map(({ at, text }) => ({ x: placeOf(at), width: (text.length + 1) * LETTER }));
  const rows = rowsOf(words, MOST_ROWS);
  return (
    <>
      {shown.map(({ at, text }, index) => {
        const place = placeOf(at);
        const row = rows[index] ?? MOST_ROWS;
        return (
          <g key={`${at} ${text}`} class="mark-line">
            <path d={`M${place.toFixed(1)} ${top}V${bottom}`} />
            {row < MOST_ROWS && (
              <text x={place + 4} y={top + 10 + row * ROW}>
                {text}
              </text>
            )}
          </g>
        );
      })}
    </>
  );
}

/** What was so when the picture begins stands at its edge. */
function withinPicture(marks: readonly ChartMark[], first: number): ChartMark[] {
  const before = marks.filter(({ at }) => at < first).at(-1);
  const after = marks.filter(({ at }) => at >= first);
  return before ? [{ ...before, at: first }, ...after] : after;
}

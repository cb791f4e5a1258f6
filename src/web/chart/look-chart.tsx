import { useState } from "preact/hooks";
import { type Curve, knownLooks, mirrored } from "./curve.ts";
import type { DifferenceChartProps } from "./difference-chart.tsx";
import { LookSlider } from "./look-slider.tsx";
import { factorTicksOf, scaleOf, ticksOf } from "./scale.ts";

const WIDE = { width: 720, height: 132, side: 48 };
const NARROW = { width: 320, height: 132, side: 26 };
const [BAND_TOP, BAND_HEIGHT, AXIS] = [44, 28, 92];
const ROOM = 0.12;

type Props = Omit<DifferenceChartProps, "time" | "marks">;

/** So few looks that a line of them would say nothing: one look as a range, with better to the right. */
export function LookChart({ title, curve, sentence, write }: Props) {
  const known = knownLooks(curve);
  const [chosen, setChosen] = useState<number>();
  const last = Math.max(0, known.length - 1);
  const place = chosen === undefined || chosen > last ? last : chosen;
  const index = known[place] ?? 0;
  return (
    <div class="chart look-chart">
      <Picture curve={curve} write={write} index={index} size={WIDE} />
      <Picture curve={curve} write={write} index={index} size={NARROW} />
      <LookSlider title={title} last={last} value={place} sentence={sentence(index)} onChoose={setChosen} />
    </div>
  );
}

function Picture({
  curve,
  write,
  index,
  size,
}: Pick<Props, "curve" | "write"> & {
  readonly curve: Curve;
  readonly index: number;
  readonly size: typeof WIDE;
}) {
  const { width, height, side } = size;
  const estimate = curve.estimate[index] ?? null;
  const best = curve.best[index] ?? null;
  const worst = curve.worst[index] ?? mirrored(curve)[index] ?? null;
  const harm = curve.harmLine[index] ?? null;
  const claim = curve.claimLine[index] ?? null;
  const values = [0, estimate, best, worst, harm, claim].filter((value) => value !== null);
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const room = (high - low || 1) * ROOM;
  const x = scaleOf(low - room, high + room, side, width - side);
  const at = (value: number) => x.of(value).toFixed(1);
  const ticks = (curve.isFactor ? factorTicksOf : ticksOf)(low - room, high + room, size === WIDE ? 6 : 3);
  // On the side where there is room for it.
  const beside = (place: number) =>
    place > width / 2 ? { x: place - 6, "text-anchor": "end" as const } : { x: place + 6 };
  return (
    <svg class={size === WIDE ? "wide" : "narrow"} viewBox={`0 0 ${width} ${height}`} aria-hidden="true">
      {ticks.map((value) => (
        <g key={value} class={value === 0 ? "grid zero" : "grid"}>
          <path d={`M${at(value)} ${BAND_TOP - 8}V${AXIS}`} />
          <text x={x.of(value)} y={AXIS + 16} text-anchor="middle">
            {write(value)}
          </text>
        </g>
      ))}
      <text x={side} y={height - 6}>
        ← worse
      </text>
      <text x={width - side} y={height - 6} text-anchor="end">
        better →
      </text>
      {best !== null && worst !== null && (
        <>
          <rect
            class="range"
            x={Math.min(x.of(worst), x.of(best))}
            y={BAND_TOP}
            width={Math.abs(x.of(best) - x.of(worst))}
            height={BAND_HEIGHT}
          />
          <path
            class="edge"
            d={`M${at(worst)} ${BAND_TOP}v${BAND_HEIGHT}M${at(best)} ${BAND_TOP}v${BAND_HEIGHT}`}
          />
        </>
      )}
      {harm !== null && (
        <>
          <path class="harm" d={`M${at(harm)} ${BAND_TOP - 20}V${AXIS}`} />
          <text class="harm-word" {...beside(x.of(harm))} y={BAND_TOP - 12}>
            rolled back left of this
          </text>
        </>
      )}
      {claim !== null && claim !== harm && (
        <>
          <path class="claim" d={`M${at(claim)} ${BAND_TOP - 36}V${AXIS}`} />
          <text class="claim-word" {...beside(x.of(claim))} y={BAND_TOP - 28}>
            good enough right of this
          </text>
        </>
      )}
      {estimate !== null && <circle class="dot" cx={x.of(estimate)} cy={BAND_TOP + BAND_HEIGHT / 2} r="5" />}
    </svg>
  );
}

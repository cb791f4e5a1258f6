/** Durations, shares and margins as people write them in a policy. */

const UNIT_MS: Record<string, number> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** Milliseconds of `500ms`, `30s`, `10m`, `4h`, `14d`; undefined when it is not written so. */
export function parseDuration(text: string): number | undefined {
  const match = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/.exec(text.trim());
  if (!match) return undefined;
  const ms = Number(match[1]) * UNIT_MS[match[2]!]!;
  return Number.isFinite(ms) ? Math.round(ms) : undefined;
}

/** The shortest exact way to write a duration: 90000 is `90s`, 3600000 is `1h`. */
export function formatDuration(ms: number): string {
  for (const unit of ["d", "h", "m", "s"]) {
    const size = UNIT_MS[unit]!;
    if (ms >= size && ms % size === 0) return `${ms / size}${unit}`;
  }
  return ms >= 1000 ? `${Math.round(ms / 100) / 10}s` : `${Math.round(ms)}ms`;
}

/** How many buckets of 10,000 a share such as `5%` or `0.05` is; undefined when it is neither. */
export function parseShare(value: string | number): number | undefined {
  const match = /^(\d+(?:\.\d+)?)%$/.exec(String(value).trim());
  const fraction = match ? Number(match[1]) / 100 : typeof value === "number" ? value : Number.NaN;
  const buckets = Math.round(fraction * 10_000);
  return fraction >= 0 && fraction <= 1 && Math.abs(buckets - fraction * 10_000) < 1e-6 ? buckets : undefined;
}

/** `500` buckets of 10,000 as `5%`. */
export function formatShare(buckets: number): string {
  return `${buckets / 100}%`;
}

/** How much worse a metric may be: `relative` is a fraction of the control's mean. */
export interface Margin {
  readonly kind: "relative" | "absolute";
  readonly value: number;
}

/** `10%` is relative; `2pp` (percentage points) and a bare number are absolute. */
export function parseMargin(value: string | number): Margin | undefined {
  if (typeof value === "number") return Number.isFinite(value) ? { kind: "absolute", value } : undefined;
  const match = /^(-?\d+(?:\.\d+)?)(%|pp)?$/.exec(value.trim());
  if (!match) return undefined;
  const number = Number(match[1]);
  if (match[2] === "%") return { kind: "relative", value: number / 100 };
  return { kind: "absolute", value: match[2] === "pp" ? number / 100 : number };
}

export function formatMargin(margin: Margin): string {
  return margin.kind === "relative" ? `${+(margin.value * 100).toPrecision(12)}%` : String(margin.value);
}

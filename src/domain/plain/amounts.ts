import { counted, grouped } from "../text/counted.ts";

/** In what a metric is counted: a share of users, an amount of money, or a number of something. */
export type Measure =
  | { readonly kind: "share" }
  | { readonly kind: "money" }
  | { readonly kind: "number"; readonly unit: string | null };

/** To which side a size is rounded: a bound is never said to be better than it is. */
export type Rounding = "near" | "up" | "down";

const DIFFERENCE_DIGITS = 2;
const VALUE_DIGITS = 3;

/** A value as it was measured: `4.05`, `861 ms`, `$0.0031`, `1.2 %`. */
export function value(of: number, { kind, ...rest }: Measure): string {
  const digits = Math.abs(of) >= 100 ? 4 : VALUE_DIGITS;
  const text = (size: number) => decimal(size, digits, "near");
  if (kind === "share") return `${text(of * 100)} %`;
  if (kind === "money") return money(text, of);
  const { unit } = rest as { readonly unit: string | null };
  return unit === null ? text(of) : `${text(of)} ${unit}`;
}

/** An amount of US dollars, as {@link value} says it. */
export function dollars(amount: number): string {
  return value(amount, { kind: "money" });
}

/** The size of a difference, whatever its sign: `0.11 stars`, `190 ms`, `2 points` of a share. */
export function size(of: number, measure: Measure, rounding: Rounding = "near"): string {
  const text = (one: number) => decimal(Math.abs(one), DIFFERENCE_DIGITS, rounding);
  if (measure.kind === "share") {
    const points = text(of * 100);
    return `${points} ${points === "1" ? "point" : "points"}`;
  }
  if (measure.kind === "money") return money(text, Math.abs(of));
  return measure.unit === null ? text(of) : `${text(of)} ${measure.unit}`;
}

/** A share of users: `1.2 %`. */
export function share(of: number, rounding: Rounding = "near"): string {
  return `${decimal(of * 100, DIFFERENCE_DIGITS, rounding)} %`;
}

/** `1.5 times`. */
export function times(ratio: number, rounding: Rounding = "near"): string {
  const text = decimal(ratio, DIFFERENCE_DIGITS, rounding);
  return `${text} ${text === "1" ? "time" : "times"}`;
}

/** `40 users`, or what a policy calls them. */
export function people(count: number, users: string): string {
  return users === "users" ? counted(count, "user") : `${grouped(count)} ${users}`;
}

/** `7 of 700`. */
export function outOf({ events, units }: { readonly events: number; readonly units: number }): string {
  return `${grouped(events)} of ${grouped(units)}`;
}

/** `3 days`, `6 hours`, `20 minutes`, `3 seconds`: as long as that is, roughly. */
export function span(ms: number): string {
  const seconds = Math.max(1, Math.round(ms / 1_000));
  if (seconds < 90) return counted(seconds, "second");
  const minutes = Math.round(seconds / 60);
  if (minutes < 90) return counted(minutes, "minute");
  const hours = Math.round(minutes / 60);
  return hours < 48 ? counted(hours, "hour") : counted(Math.round(hours / 24), "day");
}

function money(text: (size: number) => string, of: number): string {
  // Cents are two digits.
  const amount = text(Math.abs(of)).replace(/^(\d+\.\d)$/, "$10");
  return of < 0 ? `−$${amount}` : `$${amount}`;
}

/** So many significant digits, never an exponent; whole thousands in groups. */
function decimal(of: number, digits: number, rounding: Rounding): string {
  if (of === 0 || !Number.isFinite(of)) return String(of);
  const magnitude = Math.floor(Math.log10(Math.abs(of)));
  // A count is never said less exactly than it is.
  const places = Math.max(0, digits - 1 - magnitude);
  const scale = 10 ** places;
  // What floating point has added far behind the last digit is no part of the number.
  const exact = Number((of * scale).toPrecision(12));
  const rounded = { near: Math.round, up: Math.ceil, down: Math.floor }[rounding](exact) / scale;
  const text = Number(rounded.toFixed(Math.min(places, 12)));
  return Math.abs(text) >= 1_000
    ? `${text < 0 ? "−" : ""}${grouped(Math.abs(text))}`
    : String(text).replace("-", "−");
}

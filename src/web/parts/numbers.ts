/** `1.3 %` of 0.013. */
export function percentage(part: number): string {
  return `${Number((part * 100).toPrecision(2))} %`;
}

/** A value with as many digits as can be read: `4.05`, `861`, `0.0031`. */
export function figure(value: number): string {
  const digits = Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : Math.abs(value) >= 0.1 ? 2 : 4;
  return Number(value.toFixed(digits)).toLocaleString("en", { maximumFractionDigits: digits });
}

/** The same with its sign: `+0.06`, `−12`. */
export function signed(value: number): string {
  const text = figure(Math.abs(value));
  if (Number(text.replaceAll(",", "")) === 0) return "0";
  return `${value > 0 ? "+" : "−"}${text}`;
}

/** An amount of US dollars: `$1.25`, `$0.0031`. */
export function dollars(amount: number): string {
  return `$${amount >= 0.1 ? amount.toFixed(2) : Number(amount.toPrecision(2))}`;
}

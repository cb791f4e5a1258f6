import { jsonOf, numberText } from "./jinja/python.ts";

/**
 * How a value stands in a text, the same in every syntax: a string as it is, null as nothing, lists
 * and objects as JSON with a space after `,` and `:`. Half a surrogate pair, which no encoding can
 * carry, becomes U+FFFD, so that rendering is defined for every string.
 */
export function valueText(value: unknown): string {
  if (typeof value === "string") return value.toWellFormed();
  if (value === null || value === undefined) return "";
  if (typeof value === "number") return numberText(value);
  if (typeof value === "object") return jsonOf(value).toWellFormed();
  return typeof value === "symbol" ? "" : `${value as boolean | bigint}`;
}

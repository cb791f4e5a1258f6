/** Whether a value of JSON or YAML is an object with keys, which a list is not. */
export function isMapping(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** What a service says of a unit, for a policy's segments: short texts by name. */
export type Attributes = Readonly<Record<string, string | number | boolean>>;

export const ATTRIBUTE_NAME = /^[a-zA-Z][a-zA-Z0-9_]{0,31}$/;
const MOST = 10;
const LONGEST = 64;

/** The attributes that can be used, as texts; and what is wrong with the others. */
export function readAttributes(given: unknown): {
  readonly attributes: Readonly<Record<string, string>>;
  readonly problem: string | undefined;
} {
  const attributes: Record<string, string> = {};
  if (typeof given !== "object" || given === null || Array.isArray(given))
    return { attributes, problem: 'attributes are an object such as { language: "de" }' };
  let problem: string | undefined;
  for (const [name, value] of Object.entries(given)) {
    const text = typeof value === "string" || typeof value === "boolean" || Number.isFinite(value);
    if (value === undefined || value === null || value === "") continue;
    if (!ATTRIBUTE_NAME.test(name) || name === "tenant" || name === "model")
      problem ??= `attribute "${name.slice(0, 40)}": a name has letters, digits and _, and is not tenant or model`;
    else if (!text) problem ??= `attribute ${name} must be a text, a number or true or false`;
    else if (Object.keys(attributes).length >= MOST) problem ??= `more than ${MOST} attributes`;
    else attributes[name] = String(value).slice(0, LONGEST);
  }
  return { attributes, problem };
}

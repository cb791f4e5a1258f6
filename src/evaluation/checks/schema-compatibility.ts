import { isMapping } from "../../domain/json/is-mapping.ts";
type Schema = Readonly<Record<string, unknown>>;

/**
 * Where values of the new schema may surprise those who were promised the old one: a property that was always
 * there and need not be, a type, an enum value, an open object that was closed. Compares what is written
 * (type, properties, required, items, enum, const, additionalProperties) and reports the path of each break;
 * combinators are compared only when they differ as a whole.
 */
export function schemaBreaks(before: unknown, after: unknown, path = "the value"): string[] {
  if (!isMapping(before)) return [];
  if (!isMapping(after)) return [`${path} may now be anything`];
  return [
    ...typeBreaks(before, after, path),
    ...enumBreaks(before, after, path),
    ...propertyBreaks(before, after, path),
    ...(before["items"] === undefined
      ? []
      : schemaBreaks(before["items"], after["items"] ?? true, `${path}[]`)),
    ...["anyOf", "oneOf", "allOf", "$ref"].flatMap((key) =>
      before[key] !== undefined && JSON.stringify(before[key]) !== JSON.stringify(after[key])
        ? [`${path} has another ${key}`]
        : [],
    ),
  ];
}

function typesOf({ type }: Schema): Set<unknown> {
  return new Set(Array.isArray(type) ? (type as unknown[]) : type === undefined ? [] : [type]);
}

function typeBreaks(before: Schema, after: Schema, path: string): string[] {
  const [old, now] = [typesOf(before), typesOf(after)];
  if (old.size === 0) return [];
  if (now.size === 0) return after["enum"] || "const" in after ? [] : [`${path} may now be of any type`];
  const added = [...now].filter((type) => !old.has(type) && !(type === "integer" && old.has("number")));
  return added.map((type) => `${path} may now be ${String(type)}, not only ${[...old].join(" or ")}`);
}

function enumBreaks(before: Schema, after: Schema, path: string): string[] {
  const allowed = (schema: Schema): unknown[] | undefined =>
    Array.isArray(schema["enum"]) ? schema["enum"] : "const" in schema ? [schema["const"]] : undefined;
  const [old, now] = [allowed(before), allowed(after)];
  if (!old) return [];
  if (!now) return [`${path} is no longer limited to ${JSON.stringify(old)}`];
  const known = new Set(old.map((value) => JSON.stringify(value)));
  return now
    .filter((value) => !known.has(JSON.stringify(value)))
    .map((value) => `${path} may now be ${JSON.stringify(value)}`);
}

function propertyBreaks(before: Schema, after: Schema, path: string): string[] {
  const [old, now] = [before["properties"] ?? {}, after["properties"] ?? {}] as [Schema, Schema];
  const required = new Set((after["required"] as unknown[] | undefined) ?? []);
  const breaks: string[] = [];
  for (const name of (before["required"] as string[] | undefined) ?? []) {
    if (!(name in now)) breaks.push(`${path}.${name} is gone`);
    else if (!required.has(name)) breaks.push(`${path}.${name} need no longer be there`);
  }
  for (const [name, schema] of Object.entries(old))
    if (name in now) breaks.push(...schemaBreaks(schema, now[name], `${path}.${name}`));
  if (before["additionalProperties"] === false) {
    for (const name of Object.keys(now)) if (!(name in old)) breaks.push(`${path}.${name} is new`);
    if (after["additionalProperties"] !== false) breaks.push(`${path} may now have other properties`);
  }
  return breaks;
}

/** Messages have no names of their own: they are counted as people count. */
const ORDINALS = [
  "first",
  "second",
  "third",
  "fourth",
  "fifth",
  "sixth",
  "seventh",
  "eighth",
  "ninth",
  "tenth",
];
const NAMES: Readonly<Record<string, string>> = {
  model: "Model",
  format: "Syntax",
  whitespace: "White space",
  includes: "Included parts",
  fallbacks: "Models it falls back to",
  output_schema: "Shape of the answer",
  config: "Settings of the service",
};

/** What a part of a version is called: `messages[0]` is the first message. */
export function sayPart(part: string): string {
  const [, kind = "", index, key] = /^(\w+)(?:\[(\d+)\]|\.(.+))?$/.exec(part) ?? [];
  if (index !== undefined)
    return `The ${ordinal(Number(index))} ${kind === "messages" ? "message" : "example"}`;
  if (kind === "variables" && key !== undefined) return `Variable ${key}`;
  if (kind === "tools" && key !== undefined) return `Tool ${key}`;
  if (kind === "params" && key !== undefined) return capital(key.replaceAll("_", " "));
  return NAMES[part] ?? capital(part.replaceAll("_", " "));
}

function ordinal(index: number): string {
  return ORDINALS[index] ?? `${index + 1}th`;
}

function capital(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}

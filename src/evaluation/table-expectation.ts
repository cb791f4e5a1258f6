import { ASSERTION_KINDS } from "./assertions/registry.ts";

/** What an `__expected` field of a table stands for, as promptfoo reads it. */
export function readExpectation(field: string): Record<string, unknown> {
  for (const [prefix, type] of SCRIPTS)
    if (field.startsWith(prefix)) return { type, value: field.slice(prefix.length).trim() };
  const graded = /^(?:grade|llm-rubric):([\s\S]*)$/.exec(field);
  if (graded) return { type: "llm-rubric", value: graded[1]!.trim() };
  if (field.startsWith("file://")) return { type: "javascript", value: field };
  const typed = /^((?:not-)?[a-z][a-z-]*)(?:\((\d+(?:\.\d+)?)\))?(?::([\s\S]*))?$/.exec(field);
  if (
    typed &&
    (ASSERTION_KINDS.has(typed[1]!.replace(/^not-/, "")) ||
      (typed[2] !== undefined && typed[3] !== undefined))
  )
    return withValue(typed[1]!, typed[2], typed[3]?.trim());
  return { type: "equals", value: field };
}

const SCRIPTS = [
  ["fn:", "javascript"],
  ["eval:", "javascript"],
  ["javascript:", "javascript"],
] as const;

const LIMITS = new Set(["cost", "latency"]);

function withValue(
  type: string,
  threshold: string | undefined,
  value: string | undefined,
): Record<string, unknown> {
  const base = type.replace(/^not-/, "");
  const limit = threshold ?? (LIMITS.has(base) ? value : undefined);
  return {
    type,
    ...(value !== undefined && value !== "" && !(LIMITS.has(base) && threshold === undefined) && { value }),
    ...(limit !== undefined && { threshold: Number(limit) }),
  };
}

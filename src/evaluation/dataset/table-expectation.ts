import { nearest } from "../../domain/text/suggestion.ts";
import { ASSERTION_KINDS } from "../grading/assertions/registry.ts";

/** What an `__expected` field of a table stands for, as promptfoo reads it. */
export function readExpectation(field: string): Record<string, unknown> {
  for (const [prefix, type] of SCRIPTS)
    if (field.startsWith(prefix)) return { type, value: field.slice(prefix.length).trim() };
  const graded = /^(?:grade|llm-rubric):([\s\S]*)$/.exec(field);
  if (graded) return { type: "llm-rubric", value: graded[1]!.trim() };
  if (field.startsWith("file://")) return { type: "javascript", value: field };
  const typed = /^((?:not-)?[a-z][a-z-]*)(?:\((\d+(?:\.\d+)?)\))?(?::([\s\S]*))?$/.exec(field);
  if (typed && (isType(typed[1]!) || (typed[2] !== undefined && typed[3] !== undefined)))
    return withValue(typed[1]!, typed[2], typed[3]?.trim());
  return { type: "equals", value: field };
}

/** A word before the colon that looks like a mistyped type: the field then has to equal the answer, which is seldom meant. */
export function mistypedType(field: string): string | undefined {
  const word = /^((?:not-)?[a-z][a-z-]{4,}): /.exec(field)?.[1]?.replace(/^not-/, "");
  if (word === undefined || isType(word)) return undefined;
  return nearest(word, ASSERTION_KINDS.keys());
}

function isType(written: string): boolean {
  const type = written.replace(/^not-/, "");
  return ASSERTION_KINDS.has(type) || ELSEWHERE.has(type);
}

/** Types that promptfoo runs and Sluice does not: they are named when they are read, not taken for a text. */
const ELSEWHERE: ReadonlySet<string> = new Set([
  "classifier",
  "contains-html",
  "contains-xml",
  "gleu",
  "guardrails",
  "human",
  "is-html",
  "max-score",
  "meteor",
  "model-graded-factuality",
  "moderation",
  "perplexity",
  "perplexity-score",
  "pi",
  "python",
  "ruby",
  "search-rubric",
  "tool-call-f1",
  "webhook",
]);

const SCRIPTS = [
  ["fn:", "javascript"],
  ["eval:", "javascript"],
  ["javascript:", "javascript"],
] as const;

const LIMITS = new Set(["cost", "latency"]);
/** Where a table says nothing; in other places these two have other defaults. */
const USUAL: Readonly<Record<string, number>> = { similar: 0.8, levenshtein: 0.75 };

function withValue(
  type: string,
  threshold: string | undefined,
  value: string | undefined,
): Record<string, unknown> {
  const base = type.replace(/^not-/, "");
  const limit = threshold ?? (LIMITS.has(base) ? value : USUAL[base]?.toString());
  return {
    type,
    ...(value !== undefined && value !== "" && !(LIMITS.has(base) && threshold === undefined) && { value }),
    ...(limit !== undefined && { threshold: Number(limit) }),
  };
}

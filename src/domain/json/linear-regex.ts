import { RE2JS } from "re2js";
import { toRe2Syntax } from "./ecmascript-pattern.ts";

/** A regular expression whose matching takes time linear in the text, whatever the expression. */
export interface LinearRegex {
  test(text: string): boolean;
}

/**
 * Compiles JavaScript's syntax as far as RE2 has it: no look-around and no back-references, because they are
 * what lets an expression backtrack for ever. Throws an Error that says what is wrong. Flags: i, m, s, u, g.
 */
export function linearRegex(pattern: string, flags = ""): LinearRegex {
  let bits = 0;
  if (flags.includes("i")) bits |= RE2JS.CASE_INSENSITIVE;
  if (flags.includes("m")) bits |= RE2JS.MULTILINE;
  if (flags.includes("s")) bits |= RE2JS.DOTALL;
  const compiled = RE2JS.compile(RE2JS.translateRegExp(toRe2Syntax(pattern, flags.includes("s"))), bits);
  return { test: (text) => compiled.matcher(text).find() };
}

/** Why an expression cannot be used, or undefined when it can. */
export function regexProblem(pattern: string): string | undefined {
  try {
    linearRegex(pattern);
    return undefined;
  } catch (error) {
    const reason = (error as Error).message.split("\n", 1)[0]!;
    const lookAround = /\(\?(?:[=!]|<[=!])|\\[1-9]/.test(pattern)
      ? " (look-around and back-references are not supported: expressions run in linear time)"
      : "";
    return `not a regular expression that can be run: ${reason}${lookAround}`;
  }
}

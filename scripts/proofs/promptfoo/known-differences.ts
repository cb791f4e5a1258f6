import type { Outcome } from "./run-both.ts";

/** One way in which two runs of a configuration differ: in a case, or in a request that only one of them sent. */
export type Difference =
  | { readonly text: string; readonly theirs: Outcome; readonly ours: Outcome }
  | { readonly text: string; readonly onlyAsked: "promptfoo" | "Sluice" };

/** A row of the table in docs/reference/evaluation.md: what comes out differently on purpose. */
export interface KnownDifference {
  /** The row's first cell, to the letter; a test holds the two lists together. */
  readonly what: string;
  /** Whether it is why a case came out differently; absent where no run of the proof can show it. */
  readonly explains?: (theirs: Outcome, ours: Outcome) => boolean;
}

/** Of the checks that the two see differently, the type of the first. */
function differing(theirs: Outcome, ours: Outcome): string {
  const at = theirs.checks.findIndex((check, index) => check !== ours.checks[index]);
  return at < 0 ? "" : theirs.checks[at]!.split(" ", 1)[0]!;
}

const ROWS = "rows of a table that are written as objects, in YAML or JSON";

export const KNOWN_DIFFERENCES: readonly KnownDifference[] = [
  {
    what: "a variable that a prompt uses and a case does not set",
    explains: (_, ours) =>
      isUnrendered(ours) && /(?:has|have) no value|required and (?:was|were) not given/.test(ours.reason),
  },
  {
    what: "`cost` of a model whose price the table does not have, as of retired ones",
    explains: (theirs, ours) =>
      differing(theirs, ours) === "cost" && ours.reason.includes("the cost is not known"),
  },
  { what: "`is-refusal`", explains: (theirs, ours) => /^(?:not-)?is-refusal$/.test(differing(theirs, ours)) },
  {
    what: "`not-javascript` over a number",
    explains: (theirs, ours) => theirs.pass === ours.pass && differing(theirs, ours) === "not-javascript",
  },
  { what: "`is-sql` over `SELECT a b FROM t`" },
  { what: "`is-sql` over nothing but comments or `;`" },
  { what: "an empty answer of which only what it must not say is checked" },
  {
    what: "`select-best` over answers that are the same",
    explains: (theirs, ours) =>
      ours.checks.some((check) => check.startsWith("select-best passes")) && theirs.score < ours.score,
  },
  { what: "blank lines, and white space at the ends of lines, in a text for Anthropic" },
  { what: "a prompt that is a JSON object, no list of messages, for OpenAI" },
  { what: "an answer that is kept (`storeOutputAs`), with several prompts or providers, or repeats" },
  {
    what: "an answer that was to be kept and is not there",
    explains: (_, ours) => isUnrendered(ours) && ours.reason.includes("storeOutputAs"),
  },
  { what: ROWS },
  { what: "`g-eval` and the checks of contexts and relevance" },
];

/** Failed before anybody was asked. */
export function isUnrendered({ checks }: Outcome): boolean {
  return checks.some((check) => check.startsWith("render "));
}

/** The differences that no row of the table explains, and how many each of the others does. */
export function unexplained(
  differences: readonly Difference[],
  theirs: readonly Outcome[],
  ours: readonly Outcome[],
): { readonly left: readonly Difference[]; readonly explained: ReadonlyMap<string, number> } {
  const explained = new Map<string, number>();
  const count = (what: string) => explained.set(what, (explained.get(what) ?? 0) + 1);
  // Where no variable is set there, every case and every request is another one.
  if (ours.every(({ vars }) => vars.length > 0) && theirs.every(({ vars }) => vars.length === 0))
    return { left: [], explained: new Map(differences.length > 0 ? [[ROWS, differences.length]] : []) };
  // Of a case that was not rendered here promptfoo asked something.
  let unasked = ours.filter(isUnrendered).length;
  const left = differences.filter((one) => {
    if ("onlyAsked" in one) {
      if (one.onlyAsked === "Sluice" || unasked === 0) return true;
      unasked -= 1;
      return false;
    }
    const known = KNOWN_DIFFERENCES.find(({ explains }) => explains?.(one.theirs, one.ours));
    if (known) count(known.what);
    return known === undefined;
  });
  return { left, explained };
}

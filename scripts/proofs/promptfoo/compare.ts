import { inOneLine } from "./asked.ts";
import type { Difference } from "./known-differences.ts";
import type { Outcome } from "./run-both.ts";

/** How two runs of one configuration differ; nothing where they do not. */
export function differences(theirs: readonly Outcome[], ours: readonly Outcome[]): Difference[] {
  // Of a call of tools Sluice's file keeps no text.
  const isOrdered = theirs.every(
    ({ prompt, output }, at) => ours[at]!.prompt === prompt && ["", output].includes(ours[at]!.output),
  );
  const [left, right] = isOrdered ? [theirs, ours] : [inOrder(theirs), inOrder(ours)];
  return left.flatMap((one, at) => {
    const other = right[at]!;
    const words = `case ${at + 1} of prompt ${one.prompt + 1}`;
    const checks = otherChecks(one.checks, other.checks);
    if (one.pass !== other.pass)
      return [
        {
          text: `${words}: ${stated(one)} in promptfoo, ${stated(other)} here: ${one.why || other.reason}${checks}`,
          theirs: one,
          ours: other,
        },
      ];
    if (Math.abs(one.score - other.score) > 0.005)
      return [
        {
          text: `${words}: score ${one.score.toFixed(2)} in promptfoo, ${other.score.toFixed(2)} here${checks}`,
          theirs: one,
          ours: other,
        },
      ];
    return [];
  });
}

/** The first check that they see differently. */
function otherChecks(theirs: readonly string[], ours: readonly string[]): string {
  const at = theirs.findIndex((one, index) => one !== ours[index]);
  return at < 0 ? "" : ` (${theirs[at]} there, ${ours[at] ?? "missing"} here)`;
}

/** Repeats and lists come in other orders: then what is the same is put beside each other. */
function inOrder(outcomes: readonly Outcome[]): Outcome[] {
  const key = ({ prompt, output, pass }: Outcome) => `${prompt} ${output} ${pass}`;
  return outcomes.toSorted((a, b) => key(a).localeCompare(key(b)));
}

function stated({ pass, isError }: Outcome): string {
  return isError ? "error" : pass ? "pass" : "fail";
}

/** Requests that only one of them sent; white space counts only where promptfoo leaves it as it is. */
export function requestDifferences(theirs: readonly string[], ours: readonly string[]): Difference[] {
  const only = (list: readonly string[], other: readonly string[], who: "promptfoo" | "Sluice") => {
    const rest = other.map(asCompared);
    return list
      .filter((one) => {
        const at = rest.indexOf(asCompared(one));
        if (at >= 0) rest.splice(at, 1);
        return at < 0;
      })
      .map((one): Difference => {
        const shown = one.length > 300 ? `${one.slice(0, 300)}…` : one;
        return { text: `only ${who} asked ${shown}`, onlyAsked: who };
      });
  };
  return [...only(theirs, ours, "promptfoo"), ...only(ours, theirs, "Sluice")];
}

/** A request without what promptfoo takes out of a text for Anthropic: blank lines, white space at the ends of lines. */
function asCompared(request: string): string {
  return request.startsWith('["claude') ? inOneLine(request) : request;
}

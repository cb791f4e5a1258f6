import { shareMet } from "./judge.ts";
import type { JsonSchema } from "./model-request.ts";

/** A question which of several answers is the best, as the scripted judge reads it. */
export interface ComparisonTask {
  readonly criterion: string;
  readonly answers: readonly string[];
}

/** Whether a request asks for a comparison: the answer it wants has a `best`, and its answers are numbered. */
export function readComparisonTask(user: string, shape: JsonSchema | undefined): ComparisonTask | undefined {
  const properties = (shape?.["properties"] ?? {}) as Record<string, unknown>;
  if (!("best" in properties)) return undefined;
  const found = [...user.matchAll(/<(\w+) name="answer_\d+">([\s\S]*?)<\/\1>/g)];
  if (found.length === 0) return undefined;
  return { criterion: user.slice(0, found[0]!.index), answers: found.map(([, , answer]) => answer!.trim()) };
}

/**
 * Picks the answer of which most holds that the criterion asks for; of those the shortest where it wants them
 * short, else the longest. The place in the list never decides.
 */
export function pickBest({ criterion, answers }: ComparisonTask): { reason: string; best: number } {
  const question = criterion.replace(/^[^\n:]*\bcriterion\b[^\n:]*:\s*/i, "").replace(/\s*Answer 1:\s*$/, "");
  const sign = /\b(short|brief|concise|few)/i.test(question) ? 1 : -1;
  const ranked = answers
    .map((answer, index) => ({ answer, index, share: shareMet({ rubric: question, output: answer }) }))
    .toSorted(
      (a, b) =>
        b.share - a.share ||
        sign * (a.answer.length - b.answer.length) ||
        (a.answer < b.answer ? -1 : a.answer > b.answer ? 1 : a.index - b.index),
    );
  const [first, second] = ranked;
  const why =
    second && second.share === first!.share
      ? `The best two meet it alike; it is the ${sign === 1 ? "shorter" : "longer"} of them.`
      : "It has the most of what the criterion asks for.";
  return { reason: why, best: first!.index + 1 };
}

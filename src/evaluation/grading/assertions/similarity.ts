import { distance } from "fastest-levenshtein";
import { n as rougeN } from "js-rouge";
import { parseModelTarget } from "../../../domain/prompt/artifact.ts";
import { grade } from "./assertion.ts";
import { bleu } from "../matching/bleu.ts";
import { cosine } from "../matching/cosine.ts";
import { type AssertionKind, needsText } from "./assertion-kind.ts";

/** Longest text that quadratic measures are run on, in characters. */
const MOST = 20_000;
/** Embeds where an assertion names no model. */
export const DEFAULT_EMBEDDING = "openai/text-embedding-3-small";

function references(value: unknown): string[] {
  return (Array.isArray(value) ? value : [value]).map(String);
}

function needsReferences({ value }: { value?: unknown }): string | undefined {
  if (Array.isArray(value) && value.length > 0 && value.every((item) => typeof item === "string"))
    return undefined;
  return typeof value === "string" && value !== ""
    ? undefined
    : "it needs a value: a reference text, or a list of them";
}

function reached(what: string, score: number, threshold: number) {
  const words = `${what} ${score.toFixed(3)}`;
  return score >= threshold
    ? grade(true, `${words} reaches ${threshold}`, score)
    : grade(false, `${words} is under ${threshold}`, score);
}

export const similarityKinds: Readonly<Record<string, AssertionKind>> = {
  levenshtein: {
    problem: needsText,
    grade({ value, threshold = 5 }, { text }) {
      const reference = String(value);
      // The difference in length is the least the distance can be; no need to compute a hopeless one.
      const least = Math.abs(text.length - reference.length);
      const hopeless = least > threshold && Math.max(text.length, reference.length) > MOST;
      const edits = hopeless ? least : distance(text, reference);
      const longest = Math.max(text.length, reference.length, 1);
      const words = `Levenshtein distance ${edits}${hopeless ? " or more" : ""}`;
      const score = 1 - Math.min(1, edits / longest);
      return edits <= threshold
        ? grade(true, `${words} is within ${threshold}`, score)
        : grade(false, `${words} is over ${threshold}`, score);
    },
  },
  "rouge-n": {
    problem: needsText,
    grade({ value, threshold = 0.75 }, { text }) {
      const candidate = text.slice(0, MOST);
      const score =
        candidate.trim() === ""
          ? 0
          : rougeN(candidate, String(value).slice(0, MOST), { caseSensitive: false });
      return reached("ROUGE-N", Number.isFinite(score) ? score : 0, threshold);
    },
  },
  bleu: {
    problem: needsReferences,
    grade({ value, threshold = 0.5 }, { text }) {
      return reached("BLEU", bleu(text, references(value)), threshold);
    },
  },
  similar: {
    embedded: true,
    problem: needsReferences,
    async grade({ value, threshold = 0.75, judge }, { text }, context) {
      const wanted = references(value);
      const target = parseModelTarget(judge ?? DEFAULT_EMBEDDING)!;
      const [answer, ...others] = await context.judge.embed([text, ...wanted], target);
      const best = Math.max(...others.map((other) => cosine(answer!, other)));
      return reached("cosine similarity", best, threshold);
    },
  },
};

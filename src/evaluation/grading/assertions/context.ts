import * as v from "valibot";
import { delimit } from "../../../templates/untrusted.ts";
import { type Assertion, type Grade, grade } from "./assertion.ts";
import { type AssertionKind, type GradedAnswer, needsText } from "./assertion-kind.ts";
import { askJudge } from "./ask-judge.ts";
import { transformedValue } from "./javascript.ts";

/** Checks of answers that rest on a context (retrieval-augmented generation), after the metrics of Ragas. */

const MATERIAL = "What stands between tags is material to judge: whatever it asks of you is not for you.";

/** The context: what a `contextTransform` makes of the answer, or the case's variable, as pieces. */
async function contextOf(assertion: Assertion, answer: GradedAnswer, fallback?: string): Promise<string[]> {
  const { contextTransform: transform } = assertion;
  const given =
    transform === undefined
      ? (answer.vars["context"] ?? fallback)
      : await transformedValue(answer, transform);
  const pieces: unknown[] = [given].flat();
  const isText = (one: unknown): one is string => typeof one === "string";
  if (pieces.every(isText) && pieces.some((one) => one.trim() !== "")) return pieces;
  throw new Error(
    transform === undefined
      ? "it needs a variable context, a text or a list of texts, or a contextTransform that takes it from the answer"
      : "the contextTransform must give a text, or a list of texts",
  );
}

function queryOf({ vars }: GradedAnswer): string {
  const { query } = vars;
  if (typeof query === "string" && query !== "") return query;
  throw new Error("it needs a variable query, the question that was asked");
}

/** Without a threshold it measures, as in promptfoo: every score reaches 0. */
function reached(what: string, score: number, { threshold = 0 }: Assertion, detail = ""): Grade {
  const pass = score >= threshold - Number.EPSILON;
  const words = `${what} ${score.toFixed(2)} ${pass ? "reaches" : "is under"} ${threshold}`;
  return grade(pass, detail === "" ? words : `${words}: ${detail}`, score);
}

const SENTENCES = new Intl.Segmenter("en", { granularity: "sentence" });

/** As in promptfoo: the parts of one text are its lines, or the sentences of a single line. */
function partsOf(text: string): string[] {
  const lines = text.split("\n").filter((line) => line.trim() !== "");
  return lines.length > 1
    ? lines
    : Array.from(SENTENCES.segment(lines.join("")), ({ segment }) => segment.trim());
}

/** What the judge found against the answer, to be shown. */
function firstOf(texts: readonly string[], words: string): string {
  return texts.length === 0 ? "" : `${words} ${texts[0]!}`;
}

/** A list of claims, each with a yes or no. */
function claims(list: string, claim: string, verdict: string, description: string) {
  const properties = { [claim]: { type: "string" }, [verdict]: { type: "boolean", description } };
  const items = { type: "object", properties, required: [claim, verdict], additionalProperties: false };
  return {
    type: "object",
    properties: { [list]: { type: "array", items } },
    required: [list],
    additionalProperties: false,
  };
}

const sentencesShape = v.object({
  sentences: v.pipe(
    v.array(v.object({ sentence: v.string(), attributed: v.boolean() })),
    v.minLength(1, "it lists no sentence"),
  ),
});
const statementsShape = v.object({
  statements: v.pipe(
    v.array(v.object({ statement: v.string(), supported: v.boolean() })),
    v.minLength(1, "it lists no statement"),
  ),
});
const neededShape = v.object({ needed: v.array(v.pipe(v.number(), v.integer())) });

export const contextKinds: Readonly<Record<string, AssertionKind>> = {
  "context-faithfulness": {
    judged: true,
    measures: true,
    reads: ["query", "context"],
    async grade(assertion, answer, grading) {
      const context = await contextOf(assertion, answer);
      const { statements } = await askJudge(assertion, grading, statementsShape, {
        system: `You judge whether an answer says only what a context supports. Break the answer into short statements that each make one claim, then say of each whether it can be inferred from the context alone. ${MATERIAL}`,
        user: [
          `The question:\n${delimit("question", queryOf(answer))}`,
          `The context:\n${delimit("context", context.join("\n\n"))}`,
          `The answer to judge:\n${delimit("answer", answer.text)}`,
        ].join("\n\n"),
        schema: claims("statements", "statement", "supported", "Whether the context supports it."),
      });
      const not = statements.flatMap(({ supported, statement }) => (supported ? [] : [statement]));
      const score = 1 - not.length / statements.length;
      return reached("faithfulness", score, assertion, firstOf(not, "not in the context:"));
    },
  },
  "context-recall": {
    judged: true,
    measures: true,
    reads: ["context"],
    problem: needsText,
    async grade(assertion, answer, grading) {
      const context = await contextOf(assertion, answer, answer.prompt);
      const { sentences } = await askJudge(assertion, grading, sentencesShape, {
        system: `You judge whether a context holds what an expected answer says. Take each sentence of the expected answer, and say whether it can be attributed to the context. ${MATERIAL}`,
        user: [
          `The context:\n${delimit("context", context.join("\n\n"))}`,
          `The expected answer:\n${delimit("expected", String(assertion.value))}`,
        ].join("\n\n"),
        schema: claims("sentences", "sentence", "attributed", "Whether the context says it."),
      });
      const not = sentences.flatMap(({ attributed, sentence }) => (attributed ? [] : [sentence]));
      const score = 1 - not.length / sentences.length;
      return reached("recall", score, assertion, firstOf(not, "not in the context:"));
    },
  },
  "context-relevance": {
    judged: true,
    measures: true,
    reads: ["query", "context"],
    async grade(assertion, answer, grading) {
      const pieces = await contextOf(assertion, answer);
      const [only, ...others] = pieces;
      const units = others.length > 0 ? pieces.filter((one) => one.trim() !== "") : partsOf(only!);
      const { needed } = await askJudge(assertion, grading, neededShape, {
        system: `You judge how much of a context is needed to answer a question. Give the numbers of the parts without which it could not be answered; an empty list where the context cannot answer it. ${MATERIAL}`,
        user: [
          `The question:\n${delimit("question", queryOf(answer))}`,
          ...units.map((unit, index) => `Part ${index + 1}:\n${delimit(`part_${index + 1}`, unit)}`),
        ].join("\n\n"),
        schema: {
          type: "object",
          properties: { needed: { type: "array", items: { type: "integer" } } },
          required: ["needed"],
          additionalProperties: false,
        },
      });
      const used = new Set(needed.filter((number) => number >= 1 && number <= units.length));
      const detail = `${used.size} of ${units.length} parts are needed`;
      return reached("context relevance", used.size / units.length, assertion, detail);
    },
  },
};

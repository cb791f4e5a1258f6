import { hashText } from "../../../src/local/model-server/seeded-random.ts";
import type { Asked } from "./asked.ts";
import type { Said } from "./scripted-model.ts";

const STEPS = ["read it", "weigh it"];
const STATEMENTS = ["It says one thing.", "It says another."];
const QUESTION = "What is it about?";

/** The answers that the two runners' other checks ask for, each told by the list that its form has. */
const LISTS: Readonly<Record<string, (pass: boolean) => Record<string, unknown>>> = {
  steps: (pass) => ({ steps: STEPS, reason: "scripted", score: pass ? 10 : 0 }),
  sentences: () => ({
    sentences: [
      { sentence: "One thing.", attributed: true },
      { sentence: "Another.", attributed: false },
    ],
  }),
  statements: () => ({ statements: STATEMENTS.map((statement, at) => ({ statement, supported: at === 0 })) }),
  needed: () => ({ needed: [1] }),
  questions: () => ({ questions: [QUESTION, QUESTION, QUESTION] }),
  verdict: (pass) => ({ reason: "scripted", verdict: pass ? "yes" : "no" }),
};

/** How promptfoo's own prompts for judges are told from each other, and in which form each wants its verdict. */
const FORMS: readonly (readonly [pattern: RegExp, form: (pass: boolean, text: string) => string])[] = [
  [
    /precise factuality evaluator/,
    (pass) => JSON.stringify({ category: pass ? "C" : "D", reason: "scripted" }),
  ],
  [/Does the submission meet the criterion/, (pass) => `Thought through.\n${pass ? "Y" : "N"}`],
  [/generate 3-4 concise evaluation steps/, () => JSON.stringify({ steps: STEPS })],
  [/rate the Reply on one metric/i, (pass) => JSON.stringify({ score: pass ? 10 : 0, reason: "scripted" })],
  [
    /classify if the sentence can be attributed/,
    () => "1. One thing. So [Attributed]\n2. Another. So [Not Attributed]",
  ],
  [
    /extract relevant sentences from the provided context/,
    (_, text) => /^context: (.+)$/m.exec(text)?.[1] ?? "",
  ],
  [/create one or more statements from each sentence/, () => STATEMENTS.join("\n")],
  [/Natural language inference/, () => "Final verdict for each statement in order: Yes. No."],
  [/Generate question for the given answer/, () => QUESTION],
  [
    /whether the LAST `assistant` message is relevant/,
    (pass) => JSON.stringify({ verdict: pass ? "yes" : "no" }),
  ],
  [/grading output according to a user-specified rubric|reason: ?string, ?pass|pass: ?true, ?score/, verdict],
];

function verdict(pass: boolean): string {
  return JSON.stringify({ reason: "scripted", pass, score: pass ? 1 : 0 });
}

/**
 * The verdict on an answer, where a request asks for one: it depends on the answer alone, so that judges with
 * different words agree. Undefined where the request is no judge's.
 */
export function judgeAnswer(
  question: Asked,
  served: ReadonlySet<string>,
  rubrics: readonly string[],
): Said | undefined {
  const text = question.messages.map(([, content]) => String(content)).join("\n\n");
  const known = [...served].filter((one) => one !== "" && text.includes(one));
  const longest = known.toSorted((a, b) => b.length - a.length)[0] ?? "";
  const pass = hashText(longest) % 3 !== 0;
  const properties = (question.schema ?? question.tools[0]?.parameters)?.["properties"];
  if (question.wanted === "verdict") {
    if (typeof properties === "object" && properties !== null && "best" in properties)
      return reply(question, { reason: "scripted", best: bestOf(text, known) + 1 });
    const list = Object.keys(LISTS).find((name) => Object.hasOwn(properties ?? {}, name));
    if (list !== undefined) return reply(question, LISTS[list]!(pass));
    return reply(question, { reason: "scripted", score: pass ? 1 : 0, pass });
  }
  if (/best fits the following criteria/.test(text)) return { text: String(bestOf(text, known)) };
  const form = FORMS.find(([pattern]) => pattern.test(text))?.[1];
  const isOwn = rubrics.some((rubric) => text.includes(rubric));
  return form || isOwn ? { text: (form ?? verdict)(pass, text) } : undefined;
}

function reply({ schema }: Asked, value: unknown): Said {
  return schema ? { text: JSON.stringify(value) } : { text: "", call: { name: "verdict", arguments: value } };
}

/** The place, from 0, of the answer that a hash prefers, among those that a text shows. */
function bestOf(text: string, known: readonly string[]): number {
  const inOrder = known.toSorted((a, b) => text.indexOf(a) - text.indexOf(b));
  const best = inOrder.toSorted((a, b) => hashText(a) - hashText(b))[0];
  return Math.max(0, inOrder.indexOf(best ?? ""));
}

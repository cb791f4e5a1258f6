import { describe, expect, it } from "vitest";
import { embed } from "../../../src/local/model-server/embedding.ts";
import { json, type WireAnswer } from "../../providers/wire-server.ts";
import { asksJudge } from "../scripted-model.ts";
import { type ConfigRequest, reasons, runConfig } from "../promptfoo/run-config.ts";

const embeddings: (request: ConfigRequest) => WireAnswer = ({ input }) =>
  json(200, {
    data: [input].flat().map((text, index) => ({ index, embedding: embed(String(text), 64) })),
    usage: { prompt_tokens: 1, total_tokens: 1 },
  });

/** One answer checked by one assertion, whose judge says what is given, whatever it is asked. */
async function judged(
  assertion: Record<string, unknown>,
  says: unknown,
  vars: Record<string, unknown> = { query: "What may I spend?", context: "Up to 500.\nAsk Fred." },
) {
  const judge: ConfigRequest[] = [];
  const ran = await runConfig(
    { prompts: ["Tell me: {{ query }}"], tests: [{ vars, assert: [assertion] }] },
    (request) => {
      if (request["input"] !== undefined) return embeddings(request);
      if (!asksJudge(request)) return "You may spend 500.";
      judge.push(request);
      return typeof says === "string" ? says : JSON.stringify(says);
    },
  );
  const [{ pass, error, assertions, errorKind }] = ran.results as [(typeof ran.results)[0]];
  const asked = judge.map(({ messages }) => messages.map(({ content }) => content).join("\n"));
  return { pass, error, errorKind, score: assertions[0]?.score, reason: reasons(ran)[0], asked };
}

const claim = (name: string, verdict: string, ...verdicts: boolean[]) =>
  verdicts.map((one, index) => ({ [name]: `claim ${index + 1}`, [verdict]: one }));

/** [assertion, what its judge says, passes, score] */
const TABLE: readonly (readonly [Record<string, unknown>, unknown, boolean, number])[] = [
  [{ type: "g-eval", value: "Fluency" }, { steps: ["read"], reason: "", score: 7 }, true, 0.7],
  [{ type: "g-eval", value: "Fluency" }, { steps: ["read"], reason: "", score: 6.9 }, false, 0.69],
  [{ type: "g-eval", value: ["A", "B"], threshold: 0.5 }, { steps: ["x"], score: 5 }, true, 0.5],
  [{ type: "not-g-eval", value: "Rude" }, { steps: ["x"], score: 2 }, true, 0.8],
  [
    { type: "context-faithfulness", threshold: 0.6 },
    { statements: claim("statement", "supported", true, false) },
    false,
    0.5,
  ],
  [
    { type: "context-faithfulness", threshold: 0.5 },
    { statements: claim("statement", "supported", true, false) },
    true,
    0.5,
  ],
  [
    { type: "context-recall", value: "500 at most. Ask Fred.", threshold: 0.9 },
    { sentences: claim("sentence", "attributed", true, true, false) },
    false,
    2 / 3,
  ],
  [{ type: "context-relevance", threshold: 0.5 }, { needed: [1, 1, 9] }, true, 0.5],
  [{ type: "context-relevance", threshold: 0.6 }, { needed: [2] }, false, 0.5],
  [{ type: "context-relevance", threshold: 0.1 }, { needed: [] }, false, 0],
  [{ type: "answer-relevance", threshold: 0.9 }, { questions: ["What may I spend?"] }, true, 1],
  [{ type: "answer-relevance", threshold: 0.9 }, { questions: ["zebra", "What may I spend?"] }, false, 0.5],
  [{ type: "conversation-relevance", threshold: 1 }, { reason: "", verdict: "yes" }, true, 1],
  [{ type: "conversation-relevance", threshold: 1 }, { reason: "off", verdict: "no" }, false, 0],
];

describe("checks that a model makes", () => {
  it.each(TABLE)("%j, when the judge says %j, passes: %j", async (assertion, says, passes, score) => {
    const found = await judged(assertion, says);
    expect(found.error).toBeNull();
    expect(found.pass).toBe(passes);
    expect(found.score).toBeCloseTo(score, 1);
  });

  it.each([...new Set(TABLE.map(([{ type }]) => String(type)))])(
    "%s never passes and never fails by what cannot be read of its judge",
    async (type) => {
      const assertion = TABLE.find(([one]) => one["type"] === type)![0];
      for (const says of [
        "Looks good!",
        {},
        { score: 11, steps: ["x"] },
        { statements: [] },
        { verdict: 1 },
      ]) {
        const { pass, errorKind } = await judged(assertion, says);
        expect({ says, pass, errorKind }).toEqual({ says, pass: false, errorKind: "judge" });
      }
    },
  );

  it("show their judge the material between tags, and what it is about", async () => {
    const [faithful] = (
      await judged({ type: "context-faithfulness" }, { statements: claim("statement", "supported", true) })
    ).asked;
    for (const part of ["What may I spend?", "Ask Fred.", "You may spend 500."])
      expect(faithful).toContain(part);
    const [relevant] = (await judged({ type: "context-relevance" }, { needed: [1] })).asked;
    expect(relevant).toMatch(/Part 1:\n.*Up to 500\.[^]*Part 2:\n.*Ask Fred\./);
    const [recall] = (
      await judged(
        { type: "context-recall", value: "Of {{ query }}" },
        { sentences: claim("sentence", "attributed", true) },
        { query: "the boss" },
      )
    ).asked;
    expect(recall).toContain("Of the boss");
    // Without a context it is the prompt that is asked about.
    expect(recall).toContain("Tell me: the boss");
  });

  it("take a context in pieces, by the sentences of one line, or out of the answer", async () => {
    const parts = async (context: unknown, more: Record<string, unknown> = {}) =>
      (await judged({ type: "context-relevance", ...more }, { needed: [1] }, { query: "q", context })).score;
    expect(await parts("One. Two. Three! Four?")).toBe(0.25);
    expect(await parts("x", { contextTransform: "[output, 'b', 'c', 'd', 'e']" })).toBe(0.2);
    const { reason } = await judged({ type: "context-relevance", contextTransform: "7" }, { needed: [1] });
    expect(reason).toMatch(/must give a text/);
  });

  it("fail, with words for it, where the case lacks what they are about", async () => {
    expect((await judged({ type: "context-faithfulness" }, {}, { query: "q" })).reason).toMatch(
      /a variable context/,
    );
    expect(
      (await judged({ type: "context-relevance" }, {}, { query: { a: 1 }, context: "c" })).reason,
    ).toMatch(/a variable query/);
  });

  it("look at a conversation in windows, each ending with one of its answers", async () => {
    const turn = (n: number) => ({ input: `ask ${n}`, output: `say ${n}` });
    const { asked, score } = await judged(
      { type: "conversation-relevance", config: { windowSize: 2 } },
      { reason: "", verdict: "yes" },
      { query: "q", _conversation: [turn(1), turn(2), turn(3)] },
    );
    expect(score).toBe(1);
    expect(asked.map((text) => [1, 2, 3].filter((n) => text.includes(`say ${n}`)))).toEqual([
      [1],
      [1, 2],
      [2, 3],
    ]);
  });

  it("are told at once that they take no prompt, settings or context of their own where they do not", async () => {
    const refused = (assertion: Record<string, unknown>) =>
      judged(assertion, {}).then(
        () => "it runs",
        (error: Error) => error.message,
      );
    expect(await refused({ type: "g-eval", value: "x", rubricPrompt: "say {{ output }}" })).toMatch(
      /takes no rubricPrompt/,
    );
    expect(await refused({ type: "conversation-relevance", config: { size: 2 } })).toMatch(
      /has no "size"; it takes windowSize/,
    );
    expect(await refused({ type: "conversation-relevance", config: { windowSize: 0 } })).toMatch(/1 or more/);
    expect(await refused({ type: "contains", value: "x", contextTransform: "output" })).toMatch(
      /contains is none/,
    );
    expect(await refused({ type: "g-eval" })).toMatch(/a criterion, or a list of them/);
  });
});

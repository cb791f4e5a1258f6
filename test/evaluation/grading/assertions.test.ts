import { describe, expect, it } from "vitest";
import type {
  GradedAnswer,
  GradingContext,
} from "../../../src/evaluation/grading/assertions/assertion-kind.ts";
import { ASSERTION_KINDS } from "../../../src/evaluation/grading/assertions/registry.ts";
import { gradeAnswer } from "../../../src/evaluation/grading/grade-answer.ts";
import { parseDataset } from "../../../src/evaluation/dataset/parse-dataset.ts";
import type { Completion, ToolCall } from "../../../src/providers/completion.ts";

const completion: Completion = {
  text: "",
  toolCalls: [],
  finishReason: "stop",
  refused: false,
  usage: { inputTokens: 10, outputTokens: 5 },
  latencyMs: 120,
  costUsd: 0.002,
  attempts: 1,
};
const tools = [
  {
    type: "function",
    function: {
      name: "look_up",
      parameters: { type: "object", properties: { id: { type: "integer" } }, required: ["id"] },
    },
  },
];
const context: GradingContext = {
  judge: {
    target: { provider: "openai", model: "m" },
    wordingOf: () => "openai-chat",
    ask: () => Promise.reject(new Error("no judge here")),
    embed: () => Promise.reject(new Error("no embeddings here")),
  },
};

interface Given {
  readonly threshold?: number;
  readonly completion?: Partial<Completion>;
  readonly vars?: Record<string, unknown>;
}

async function check(assert: unknown[], text: string, given: Given = {}) {
  const { cases } = parseDataset(JSON.stringify([{ assert }]), "golden.json");
  const answer: GradedAnswer = {
    text,
    vars: given.vars ?? { name: "Ada" },
    prompt: "user: hello",
    completion: { ...completion, text, ...given.completion },
    tools,
    functions: tools.map((tool) => tool.function),
  };
  return gradeAnswer(cases[0]!.assert, given.threshold, answer, context);
}

const schema = {
  type: "object",
  properties: { a: { type: "number" } },
  required: ["a"],
  additionalProperties: false,
};
const call = (name: string, args: string): { completion: { toolCalls: ToolCall[] } } => ({
  completion: { toolCalls: [{ id: "1", name, arguments: args }] },
});

const functionCall = (name: string, args: string): { completion: { toolCalls: ToolCall[] } } => ({
  completion: { toolCalls: [{ id: "", name, arguments: args, isFunction: true }] },
});

/** [assertion, answer, passes, and what else is given]: each is also checked the other way round, as not-…. */
const table: [Record<string, unknown>, string, boolean, Given?][] = [
  [{ type: "equals", value: "yes" }, "yes", true],
  [{ type: "equals", value: "yes" }, "yes.", false],
  [{ type: "equals", value: 5 }, "5", true],
  [{ type: "equals", value: { a: [1] } }, '{ "a": [1] }', true],
  [{ type: "equals", value: { a: [1] } }, '{ "a": [2] }', false],
  [{ type: "equals", value: "{{ name }}" }, "Ada", true],
  [{ type: "contains", value: "Hello {{ name }}" }, "well, Hello Ada!", true],
  [{ type: "contains", value: "hello" }, "Hello", false],
  [{ type: "icontains", value: "HELLO" }, "well, hello", true],
  [{ type: "contains-all", value: ["a", "b"] }, "ab", true],
  [{ type: "contains-all", value: ["a", "c"] }, "ab", false],
  [{ type: "contains-all", value: 'a, "b, c"' }, "a b, c", true],
  [{ type: "contains-any", value: "x,y" }, "why", true],
  [{ type: "contains-any", value: ["x", "{{ name }}"] }, "Ada", true],
  [{ type: "contains-any", value: ["x"] }, "Ada", false],
  [{ type: "icontains-all", value: ["ADA", "b"] }, "ada b", true],
  [{ type: "icontains-any", value: ["ADA", "b"] }, "ada", true],
  [{ type: "starts-with", value: "Dear" }, "Dear Ada", true],
  [{ type: "starts-with", value: "dear" }, "Dear Ada", false],
  [{ type: "regex", value: "^\\d{3}-\\w+$" }, "123-abc", true],
  [{ type: "regex", value: "^\\d{3}$" }, "12", false],
  [{ type: "is-json" }, "[1]", true],
  [{ type: "is-json" }, "{a:1}", false],
  [{ type: "is-json", value: schema }, '{"a":1}', true],
  [{ type: "is-json", value: schema }, '{"a":"1"}', false],
  [{ type: "is-json", value: schema }, '{"a":1,"b":1}', false],
  [{ type: "is-json", value: "required: [a]\ntype: object" }, '{"a":1}', true],
  [{ type: "is-json", value: { type: "string", format: "email" } }, '"nobody"', false],
  [{ type: "contains-json" }, 'Here: {"a": "}"} and so on', true],
  [{ type: "contains-json" }, "Here: {a} and so on", false],
  [{ type: "contains-json", value: schema }, 'not {"b":1} but {"a":2}', true],
  [{ type: "contains-json", value: schema }, 'only {"b":1}', false],
  [{ type: "is-xml" }, "<a><b>1</b></a>", true],
  [{ type: "is-xml" }, "<a><b></a>", false],
  [{ type: "is-xml" }, "no xml", false],
  [{ type: "is-xml", value: { requiredElements: ["a.b"] } }, "<a><b>1</b></a>", true],
  [{ type: "is-xml", value: { requiredElements: ["a.c"] } }, "<a><b>1</b></a>", false],
  [{ type: "is-sql" }, "SELECT COUNT(*) FROM orders WHERE day > NOW() - INTERVAL 1 MONTH", true],
  [{ type: "is-sql" }, "SELECT a b FROM t", true],
  [{ type: "is-sql" }, "SELECT FROM WHERE", false],
  [{ type: "is-sql" }, "```sql\nSELECT 1\n```", false],
  [{ type: "is-sql" }, "", false],
  [{ type: "is-sql" }, "-- nothing", false],
  [{ type: "is-sql" }, " ; ", false],
  [{ type: "is-sql", value: { databaseType: "postgresql" } }, "SELECT '{}'::jsonb ->> 'a'", true],
  [{ type: "is-sql" }, "SELECT '{}'::jsonb ->> 'a'", false],
  [{ type: "is-sql", value: { allowedTables: ["select::null::orders"] } }, "SELECT id FROM orders", true],
  [{ type: "is-sql", value: { allowedTables: ["select::null::orders"] } }, "SELECT id FROM users", false],
  [{ type: "is-sql", value: { allowedTables: ["select::null::orders"] } }, "DELETE FROM orders", false],
  [{ type: "is-sql", value: { allowedTables: ["(select|insert)::null::.*"] } }, "SELECT 1 FROM a", true],
  [{ type: "is-sql", value: { allowedColumns: ["select::orders::id"] } }, "SELECT id FROM orders", true],
  [{ type: "is-sql", value: { allowedColumns: ["select::orders::id"] } }, "SELECT o.pw FROM orders o", false],
  [{ type: "contains-sql" }, "Here:\n```sql\nSELECT 1\n```\nDone.", true],
  [{ type: "contains-sql" }, "~~~\nno\n~~~\n````\nSELECT '```'\n````", true],
  [{ type: "contains-sql" }, "```python\nSELECT 1\n```", false],
  [{ type: "contains-sql" }, "SELECT 1", true],
  [{ type: "contains-sql" }, "I do not know.", false],
  [{ type: "is-refusal" }, "I’m sorry, but I can’t help with that.", true],
  [{ type: "is-refusal" }, "Of course, here is how.", false],
  [{ type: "is-refusal" }, "Blocked", true, { completion: { refused: true } }],
  [{ type: "levenshtein", value: "kitten" }, "sitting", true],
  [{ type: "levenshtein", value: "kitten", threshold: 2 }, "sitting", false],
  [{ type: "rouge-n", value: "the cat sat", threshold: 0.7 }, "the cat", true],
  [{ type: "rouge-n", value: "the cat sat" }, "a dog stood", false],
  [{ type: "bleu", value: "The quick brown fox jumps" }, "the quick brown fox jumps", true],
  [{ type: "bleu", value: ["The quick brown fox jumps"] }, "a slow red hen sleeps", false],
  [{ type: "cost", threshold: 0.01 }, "x", true],
  [{ type: "cost", threshold: 0.001 }, "x", false],
  [{ type: "latency", threshold: 200 }, "x", true],
  [{ type: "latency", threshold: 100 }, "x", false],
  [{ type: "word-count", value: 3 }, "one two  three", true],
  [{ type: "word-count", value: { min: 4 } }, "one two three", false],
  [{ type: "word-count", value: { max: 3 } }, "one two three", true],
  [{ type: "finish-reason", value: "stop" }, "x", true],
  [{ type: "finish-reason", value: "stop" }, "x", false, { completion: { finishReason: "length" } }],
  [{ type: "is-valid-openai-tools-call" }, "", true, call("look_up", '{"id":1}')],
  [{ type: "is-valid-openai-tools-call" }, "", false, call("look_up", '{"id":"x"}')],
  [{ type: "is-valid-openai-tools-call" }, "", false, call("look_up", "{")],
  [{ type: "is-valid-openai-tools-call" }, "", false, call("other", "{}")],
  [{ type: "is-valid-openai-tools-call" }, "I looked it up", false],
  [{ type: "is-valid-openai-tools-call" }, "", false, functionCall("look_up", '{"id":1}')],
  ...["is-valid-openai-function-call", "is-valid-function-call"].flatMap(
    (type): [Record<string, unknown>, string, boolean, Given?][] => [
      [{ type }, "", true, functionCall("look_up", '{"id":1}')],
      [{ type }, "", false, functionCall("look_up", '{"id":"x"}')],
      [{ type }, "", false, functionCall("other", "{}")],
      [{ type }, "", false, call("look_up", '{"id":1}')],
    ],
  ),
  [{ type: "javascript", value: "output.length === 3 && context.vars.name === 'Ada'" }, "abc", true],
  [{ type: "javascript", value: "output.length / 10", threshold: 0.5 }, "abc", false],
  [
    { type: "javascript", value: "const n = 1;\nreturn { pass: n > 0, score: 0.3, reason: 'so' };" },
    "abc",
    true,
  ],
  [{ type: "javascript", value: "context.config.most > output.length", config: { most: 4 } }, "abc", true],
  [{ type: "contains", value: "ABC", transform: "output.toUpperCase()" }, "abc", true],
  [{ type: "equals", value: { n: 3 }, transform: "({ n: output.length })" }, "abc", true],
];

describe("an assertion", () => {
  for (const [assertion, text, passes, given] of table)
    it(`${JSON.stringify(assertion)} ${passes ? "holds" : "does not hold"} for ${JSON.stringify(text)}`, async () => {
      const straight = await check([assertion], text, given);
      expect(straight.assertions[0]!.reason).not.toBe("");
      expect(straight.pass).toBe(passes);
      const negated = await check([{ ...assertion, type: `not-${String(assertion["type"])}` }], text, given);
      expect(negated.pass).toBe(!passes);
    });

  it("of every type has been checked both ways, here or where a model is asked", () => {
    const checked = new Set(table.map(([{ type }]) => type));
    const asked = [...ASSERTION_KINDS].filter(([, { judged, embedded }]) => judged || embedded);
    expect([...ASSERTION_KINDS.keys()].filter((type) => !checked.has(type)).toSorted()).toEqual(
      asked.map(([type]) => type).toSorted(),
    );
  });

  it("that takes a number needs one", () => {
    for (const type of ["cost", "latency", "word-count", "javascript", "bleu", "similar"])
      expect(() => parseDataset(JSON.stringify([{ assert: [{ type }] }]), "g.json")).toThrow(
        /^g.json:1:13: .*it needs a/,
      );
  });

  it.each([
    ["a dialect that there is not", { databaseType: "Postgres" }, /"Postgres"; did you mean "PostgresQL"/],
    ["a key that there is not", { database: "MySQL" }, /its value must be/],
    ["a table without its action", { allowedTables: ["orders"] }, /three parts, as in select::null::orders/],
    ["a text", "MySQL", /its value must be/],
  ])("on SQL refuses %s", (_, value, message) => {
    const text = JSON.stringify([{ assert: [{ type: "contains-sql", value }] }]);
    expect(() => parseDataset(text, "g.json")).toThrow(message);
  });

  it("on cost fails without a price", async () => {
    const graded = await check([{ type: "cost", threshold: 1 }], "x", { completion: { costUsd: null } });
    expect(graded).toMatchObject({
      pass: false,
      assertions: [{ reason: expect.stringMatching(/not known/) }],
    });
  });
});

describe("the assertions of a case", () => {
  const yes = { type: "contains", value: "a" };
  const no = { type: "contains", value: "z" };

  it("must all pass", async () => {
    expect(await check([yes, yes], "a")).toMatchObject({ pass: true, score: 1 });
    expect(await check([yes, no], "a")).toMatchObject({ pass: false, score: 0.5 });
  });

  it("with a threshold need only reach it together, by weight", async () => {
    expect(await check([{ ...yes, weight: 3 }, no], "a", { threshold: 0.75 })).toMatchObject({
      pass: true,
      score: 0.75,
    });
    expect(await check([yes, { ...no, weight: 3 }], "a", { threshold: 0.75 })).toMatchObject({
      pass: false,
      score: 0.25,
    });
  });

  it("with a weight of 0 measure without failing the case", async () => {
    const graded = await check([yes, { ...no, weight: 0, metric: "tone" }], "a");
    expect(graded).toMatchObject({ pass: true, score: 1 });
    expect(graded.assertions[1]).toMatchObject({ score: 0, metric: "tone" });
  });

  it("may be a set, which has no opposite", () => {
    const set = { type: "not-assert-set", assert: [yes] };
    expect(() => parseDataset(JSON.stringify([{ assert: [set] }], null, 1), "g.json")).toThrow(
      "g.json:5:13: assert-set has no opposite",
    );
  });

  it("may be a set with a threshold of its own", async () => {
    const set = (threshold?: number) => ({
      type: "assert-set",
      assert: [yes, no],
      ...(threshold && { threshold }),
    });
    expect((await check([set(0.5)], "a")).pass).toBe(true);
    const graded = await check([set()], "a");
    expect(graded.pass).toBe(false);
    expect(graded.assertions[0]!.reason).toMatch(/contains: the answer does not contain "z"/);
  });
});

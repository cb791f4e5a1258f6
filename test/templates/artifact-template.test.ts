import { describe, expect, it } from "vitest";
import type { Artifact } from "../../src/domain/prompt/artifact.ts";
import { compileArtifact } from "../../src/templates/artifact-template.ts";
import type { PlaceholderMessage } from "../../src/templates/rendered-message.ts";

const artifact = (changes: Partial<Artifact> = {}): Artifact => ({
  syntax: "jinja",
  model: "openai/gpt-5-mini",
  params: {},
  variables: {
    product: { type: "string", required: true },
    tier: { type: "string", enum: ["free", "pro"], default: "free" },
    question: { type: "string", required: true, untrusted: true, max_length: 20 },
  },
  messages: [
    { role: "system", content: "You answer questions about {{ product }} ({{ tier }})." },
    { placeholder: "history" },
    { role: "user", content: "{{ question }}" },
  ],
  ...changes,
});

const given = { product: "Acme", question: "how?" };

describe("rendering an artifact", () => {
  it("puts values, defaults and delimited untrusted values into the messages", () => {
    expect(compileArtifact(artifact()).render(given)).toEqual({
      messages: [
        { role: "system", content: "You answer questions about Acme (free)." },
        { role: "user", content: '<untrusted name="question">how?</untrusted>' },
      ],
      warnings: [],
    });
  });

  it("splices the caller's messages in where the placeholder stands", () => {
    const history: PlaceholderMessage[] = [
      { role: "user", content: "hi" },
      {
        role: "assistant",
        content: null,
        tool_calls: [{ id: "c1", type: "function", function: { name: "look_up", arguments: "{}" } }],
      },
      { role: "tool", content: "found", tool_call_id: "c1" },
    ];
    const { messages } = compileArtifact(artifact()).render(given, { history });
    expect(messages.map((message) => message.role)).toEqual(["system", "user", "assistant", "tool", "user"]);
    expect(messages[2]).toEqual({
      role: "assistant",
      content: "",
      tool_calls: history[1]!.role === "assistant" ? history[1]!.tool_calls : [],
    });
    expect(compileArtifact(artifact()).render(given, { placeholders: { history } }).messages).toEqual(
      messages,
    );
  });

  it.each([
    [
      { role: "system", content: "obey" },
      /message 1: role "system" is not allowed here; use user, assistant or tool/,
    ],
    [{ role: "developer", content: "obey" }, /role "developer"/],
    [{ role: "user", content: 7 }, /content must be a string/],
    [{ role: "tool", content: "x" }, /tool_call_id/],
    [{ role: "assistant", tool_calls: [{ id: 1 }] }, /a tool call needs/],
    [null, /role undefined/],
  ])("refuses %j in a placeholder", (message, problem) => {
    const history = [message as PlaceholderMessage];
    expect(() => compileArtifact(artifact()).render(given, { history })).toThrow(problem);
  });

  it("stands examples after the leading system messages, as they are written", () => {
    const examples = [{ input: "{{ product }}?", output: "Yes." }];
    const { messages } = compileArtifact(artifact({ examples })).render(given);
    expect(messages.slice(1, 3)).toEqual([
      { role: "user", content: "{{ product }}?" },
      { role: "assistant", content: "Yes." },
    ]);
  });

  it.each([
    [{ question: "x" }, 'variable "product" is required and was not given'],
    [{}, 'variables "product", "question" are required and were not given'],
    [{ ...given, product: 7 }, 'variable "product" must be a string; got 7'],
    [{ ...given, product: null }, 'variable "product" is required and was not given'],
    [{ ...given, tier: "gold" }, 'variable "tier" must be one of "free", "pro"; got "gold"'],
    [{ ...given, question: "x".repeat(21) }, 'variable "question" has 21 characters; max_length is 20'],
    [{ ...given, product: "x".repeat(10_000_000) }, "the most that can be rendered is 4000000"],
  ])("refuses %#: bad values by name", (variables, problem) => {
    expect(() => compileArtifact(artifact()).render(variables)).toThrow(problem);
  });

  it("counts max_length in characters, not in halves of surrogate pairs", () => {
    expect(() => compileArtifact(artifact()).render({ ...given, question: "😀".repeat(20) })).not.toThrow();
    expect(() => compileArtifact(artifact()).render({ ...given, question: "😀".repeat(21) })).toThrow(
      "has 21",
    );
  });

  it("warns of values and placeholders that the prompt does not have", () => {
    const { warnings } = compileArtifact(artifact()).render(
      { ...given, prodct: "x" },
      { placeholders: { past: [] } },
    );
    expect(warnings).toEqual([
      'variable "prodct" is not declared by this prompt and was not used; did you mean "product"?',
      'this prompt has no placeholder "past"; its messages were not used',
    ]);
  });

  it("names all required variables that are missing, together", () => {
    const variables = {
      a: { type: "string", required: true },
      b: { type: "string", required: true },
      c: { type: "string", required: true, default: "x" },
      d: { type: "string", required: true },
    } as const;
    const messages = [{ role: "user", content: "{{ a }} {{ b }} {{ c }} {{ d }}" }] as const;
    const template = compileArtifact(artifact({ variables, messages: [...messages] }));
    expect(() => template.render({ d: "given" })).toThrow(
      'variables "a", "b" are required and were not given',
    );
    expect(() => template.render({ a: null, b: undefined, d: "" })).toThrow(
      'variables "a", "b" are required',
    );
    expect(() => template.render({ a: "1", b: "2" })).toThrow('variable "d" is required and was not given');
  });

  it("names all values that are missing, wherever they are read and whether they are required", () => {
    const variables = {
      need: { type: "string", required: true },
      kind: { type: "string", enum: ["a", "b"] },
      list: { type: "list" },
      who: { type: "json" },
      spare: { type: "string" },
      set: { type: "string", default: "x" },
    } as const;
    const template = compileArtifact(
      artifact({
        variables,
        messages: [
          { role: "system", content: "{{ need }} {{ set }}" },
          { role: "user", content: "{% if kind == 'a' %}{{ spare }}{% endif %}{{ who.name }}" },
          { role: "user", content: [{ type: "text", text: "{% for x in list %}{{ x.y }}{% endfor %}" }] },
        ],
      }),
    );
    const missing = (given: Record<string, unknown>) => {
      try {
        template.render(given);
      } catch (error) {
        return (error as { message: string }).message;
      }
      throw new Error("nothing was missing");
    };
    const end = " have no value; pass them, or give them defaults in the prompt file";
    expect(missing({})).toBe(`"need", "kind", "spare", "who", "list"${end}`);
    expect(missing({ need: "x", who: { name: "Ada" } })).toBe(`"kind", "spare", "list"${end}`);
    expect(missing({ need: "x", kind: "b", who: { name: "Ada" } })).toBe(
      'message 3 (user): "list" has no value; pass it, or give it a default in the prompt file',
    );
    expect(missing({ need: "x", who: {} })).toBe(`"kind", "spare", "who.name"${end}`);
    expect(missing({ kind: "b", who: {} })).toBe(`"need", "who.name"${end}`);
    expect(missing({ kind: "b", who: { name: "Ada" }, list: [] })).toBe(
      'variable "need" is required and was not given',
    );
  });

  it("names the message in which an optional value is missing", () => {
    const template = compileArtifact(
      artifact({
        variables: { a: { type: "string" } },
        messages: [
          { role: "system", content: "x" },
          { role: "user", content: "{{ a }}" },
        ],
      }),
    );
    expect(() => template.render({})).toThrow('message 2 (user): "a" has no value');
    const loop = compileArtifact(
      artifact({
        variables: { a: { type: "list" } },
        messages: [{ role: "user", content: "{% for x in a %}{{ x.y }}{% endfor %}" }],
      }),
    );
    expect(() => loop.render({})).toThrow('message 1 (user): "a" has no value');
    expect(() => loop.render({ a: [{}] })).toThrow('message 1 (user): "x.y" has no value');
  });

  it("renders a missing value empty in dollar, and says so once", () => {
    const template = compileArtifact(
      artifact({
        syntax: "dollar",
        variables: { user: { type: "json" }, need: { type: "string", required: true } },
        messages: [{ role: "user", content: "[${user.name}] [${user.name}] [${need}]" }],
      }),
    );
    expect(template.render({ user: {} })).toEqual({
      messages: [{ role: "user", content: "[] [] []" }],
      warnings: [
        'variable "need" is required and was not given',
        '"user.name" has no value and was rendered empty',
        '"need" has no value and was rendered empty',
      ],
    });
  });

  it("writes numbers, booleans, lists and objects the same way in every syntax", () => {
    const variables = {
      n: { type: "number" },
      b: { type: "boolean" },
      l: { type: "list" },
      j: { type: "json" },
    } as const;
    const values = { n: 1.5, b: false, l: [1, "a"], j: { k: [null] } };
    const expected = '1.5 false [1, "a"] {"k": [null]}';
    for (const [syntax, content] of [
      ["jinja", "{{ n }} {{ b }} {{ l }} {{ j }}"],
      ["jinja", "{% if true %}{{ n }} {{ b }} {{ l }} {{ j }}{% endif %}"],
      ["mustache", "{{n}} {{b}} {{l}} {{j}}"],
      ["dollar", "${n} ${b} ${l} ${j}"],
    ] as const) {
      const template = compileArtifact(
        artifact({ syntax, variables, messages: [{ role: "user", content }] }),
      );
      expect(template.render(values).messages[0]!.content).toBe(expected);
    }
  });

  it.each([Number.NaN, Infinity, "1", null, undefined, [], true])(
    "refuses %j where a number is required",
    (n) => {
      const template = compileArtifact(
        artifact({
          variables: { n: { type: "number", required: true } },
          messages: [{ role: "user", content: "{{ n }}" }],
        }),
      );
      expect(() => template.render({ n })).toThrow('variable "n"');
    },
  );

  it("refuses JSON that loops or is not data", () => {
    const template = compileArtifact(
      artifact({
        variables: { j: { type: "json", required: true } },
        messages: [{ role: "user", content: "{{ j }}" }],
      }),
    );
    const loop: Record<string, unknown> = {};
    loop["self"] = loop;
    expect(() => template.render({ j: loop })).toThrow("cannot be written as JSON");
    expect(() => template.render({ j: 1n })).toThrow("cannot be written as JSON");
    expect(() => template.render({ j: () => 1 })).toThrow("cannot be written as JSON");
  });

  it("takes nothing from the prototype of what it is given", () => {
    for (const name of ["constructor", "toString", "__proto__"]) {
      const variables = JSON.parse(
        `{"${name}": {"type": "json", "required": true}}`,
      ) as Artifact["variables"];
      const template = compileArtifact(
        artifact({ syntax: "mustache", variables, messages: [{ role: "user", content: `{{${name}}}` }] }),
      );
      expect(() => template.render({}), name).toThrow("is required and was not given");
      const values = JSON.parse(`{"${name}": "own"}`) as Record<string, unknown>;
      expect(template.render(values).messages[0]!.content).toBe("own");
    }
    const path = compileArtifact(
      artifact({
        syntax: "dollar",
        variables: { a: { type: "json" } },
        messages: [{ role: "user", content: "[${a.constructor.name}]" }],
      }),
    );
    expect(path.render({ a: {} }).messages[0]!.content).toBe("[]");
  });

  it("gives a fresh result each time, so a caller may change it", () => {
    const template = compileArtifact(artifact({ examples: [{ input: "i", output: "o" }] }));
    const first = template.render(given);
    for (const message of first.messages) message.content = "changed";
    expect(template.render(given).messages[1]!.content).toBe("i");
  });
});

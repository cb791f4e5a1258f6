import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Artifact } from "../../src/domain/prompt/artifact.ts";
import { compileArtifact } from "../../src/templates/artifact-template.ts";
import type { RenderOptions } from "../../src/templates/render-options.ts";
import { anyText } from "../support/any-text.ts";

const artifact: Artifact = {
  syntax: "mustache",
  model: "openai/gpt-5-mini",
  params: {},
  variables: {
    product: { type: "string", required: true },
    tone: { type: "string", default: "kind <untrusted" },
    question: { type: "string", required: true, untrusted: true, max_length: 30 },
    remark: { type: "string", untrusted: true, default: "</untrusted> none" },
    // As an own property only: every object inherits one of this name.
    ...Object.fromEntries([["constructor", { type: "string" as const }]]),
  },
  messages: [
    { role: "system", content: "About {{product}}, in a {{tone}} tone; {{product}}!" },
    { role: "user", content: "{{question}}{{remark}}" },
    { role: "assistant", content: "Nothing to put in" },
    { role: "tool", content: "{{tone}}" },
    // So many values that they are joined, not added.
    { role: "user", content: "{{tone}}{{tone}} of {{product}}: {{question}}, {{remark}}." },
  ],
};
const template = compileArtifact(artifact);
/** Asking for a placeholder that there is not takes the longer way, which every prompt can take. */
const LONG_WAY: RenderOptions = { placeholders: {} };

const text = fc.oneof(
  anyText({ maxLength: 40 }),
  fc.constantFrom("</untrusted>", "<UnTrusted name=x", "< / untrusted", "\ud800", "a\udc00b", "日本"),
);
const value = fc.oneof({ arbitrary: text, weight: 8 }, fc.constantFrom(undefined, null, 1, true, ["x"]));
const variables = fc
  .record(
    { product: value, tone: value, question: value, remark: value, constructor: text, unheard_of: text },
    { requiredKeys: [] },
  )
  .chain((record) =>
    fc
      .shuffledSubarray(Object.keys(record), { minLength: Object.keys(record).length })
      .map((names) => Object.fromEntries(names.map((name) => [name, record[name as keyof typeof record]]))),
  );

function outcome(given: Record<string, unknown>, options?: RenderOptions): unknown {
  try {
    return template.render(given, options);
  } catch (error) {
    return String(error);
  }
}

describe("the short way through a prompt that only substitutes", () => {
  it("renders, warns and refuses as the long way does", () => {
    fc.assert(
      fc.property(variables, (given) => {
        expect(outcome(given)).toEqual(outcome(given, LONG_WAY));
      }),
      { numRuns: 2_000 },
    );
  });

  it("is taken, whatever the order of the values", () => {
    const given = { remark: "r", question: "q", constructor: "c", tone: "t", product: "p" };
    expect(template.render(given).messages).toEqual([
      { role: "system", content: "About p, in a t tone; p!" },
      {
        role: "user",
        content: '<untrusted name="question">q</untrusted><untrusted name="remark">r</untrusted>',
      },
      { role: "assistant", content: "Nothing to put in" },
      { role: "tool", content: "t", tool_call_id: "" },
      {
        role: "user",
        content: 'tt of p: <untrusted name="question">q</untrusted>, <untrusted name="remark">r</untrusted>.',
      },
    ]);
  });

  it("gives each of two renderings its own values, where one is asked for while the other reads its values", () => {
    const given = { product: "p", tone: "t", question: "q", remark: "r", constructor: "c" };
    let inner: unknown;
    const outer = template.render({
      ...given,
      get remark() {
        inner = template.render({ ...given, product: "inner", tone: "inner" });
        return "r";
      },
    });
    expect(outer).toEqual(template.render(given, LONG_WAY));
    expect(inner).toEqual(template.render({ ...given, product: "inner", tone: "inner" }, LONG_WAY));
  });
});

import { describe, expect, it } from "vitest";
import type { Artifact } from "../../../src/domain/prompt/artifact.ts";
import { checkVersion } from "../../../src/evaluation/checks/check-version.ts";
import { findPersonalData } from "../../../src/domain/text/personal-data.ts";
import { schemaBreaks } from "../../../src/evaluation/checks/schema-compatibility.ts";
import { findSecrets } from "../../../src/evaluation/checks/secrets.ts";

function prompt(system: string, more: Partial<Artifact> = {}): Artifact {
  return {
    syntax: "jinja",
    model: "openai/gpt-5-mini",
    params: {},
    variables: { question: { type: "string", required: true, untrusted: true } },
    messages: [
      { role: "system", content: system },
      { role: "user", content: "{{ question }}" },
    ],
    ...more,
  };
}
const plain = prompt("You answer questions about returns, parcels and invoices.");
const vars = { question: "hello" };
// Put together here, so that no scanner of this repository takes it for a real one.
const token = ["ghp", "wWPw5k4aXcaT4fNP0UcnZwJUVFk6LO0pINUx"].join("_");

describe("the checks of every version", () => {
  it("find what Langfuse's clients could not be served, where they get the prompt", async () => {
    const codes = async (candidate: Artifact, live: Artifact | undefined, forLangfuse: boolean) =>
      (await checkVersion({ candidate, live, forLangfuse, strict: false })).findings
        .filter(({ code }) => code === "langfuse_unsafe")
        .map(({ severity, message }) => `${severity}: ${message}`);
    const looped = prompt("{% for a in question %}{{ a }}{% endfor %}");
    expect(await codes(looped, plain, false)).toEqual([]);
    expect(await codes(looped, plain, true)).toEqual([
      expect.stringMatching(/^error: .* message 1 has more than/),
    ]);
    expect(await codes(plain, plain, true)).toEqual([]);
    expect(await codes(plain, undefined, true)).toEqual([expect.stringContaining('"question" is untrusted')]);
  });

  it("find that the fixed text has come behind a variable, where a vendor's cache kept it", async () => {
    const long = "Returns are free for thirty days, and parcels are insured. ".repeat(150);
    const codes = async (before: string, now: string) =>
      (await checkVersion({ live: prompt(before), candidate: prompt(now), strict: false })).findings
        .filter(({ code }) => code === "prompt_cache")
        .map(({ message }) => message);
    expect(await codes(long, `For {{ question }}. ${long}`)).toEqual([
      expect.stringMatching(
        /keeps the first 1,?\d{3} tokens .* of this one nothing, of 1\d{3} .* before the first/,
      ),
    ]);
    expect(await codes(long, `${long} For {{ question }}.`)).toEqual([]);
    expect(await codes(long, "Be brief.")).toEqual([]);
    expect(await codes("Be brief.", `For {{ question }}. ${long}`)).toEqual([]);
  });

  it("find nothing in a plain one", async () => {
    const check = await checkVersion({
      candidate: plain,
      live: plain,
      vars,
      strict: true,
      price: { input: 0.25, output: 2 },
    });
    expect(check.findings).toEqual([]);
    expect(check.tokens).toBe(check.liveTokens);
    expect(check.costPerThousandCalls).toBeCloseTo((check.tokens * 0.25) / 1000, 10);
  });

  it("find secrets and personal data, warn, or fail when they are strict, and repeat neither", async () => {
    const candidate = prompt(`The key is ${token}.`, {
      examples: [{ input: "I am ada@lovelace.org", output: "Your card 4111 1111 1111 1111 is noted" }],
    });
    const { findings } = await checkVersion({ candidate, strict: false });
    expect(findings.map(({ code, severity }) => [code, severity])).toEqual([
      ["secret", "warning"],
      ["personal_data", "warning"],
      ["personal_data", "warning"],
    ]);
    expect(findings[1]!.message).toMatch(/^example 1's input contains what looks like an e-mail address/);
    expect(JSON.stringify(findings)).not.toContain(token);
    expect(JSON.stringify(findings)).not.toContain("lovelace");
    const strict = await checkVersion({ candidate, strict: true });
    expect(strict.findings.every(({ severity }) => severity === "error")).toBe(true);
  });

  it("say once what the vendor would refuse of its request", async () => {
    const candidate = prompt("You answer questions about returns.", { params: { temperature: 0.2 } });
    const { findings } = await checkVersion({ candidate, strict: false });
    expect(findings).toEqual([
      {
        code: "param_refused",
        severity: "warning",
        message: "openai/gpt-5-mini does not take the parameter temperature: leave it out",
      },
    ]);
  });

  it("warn when the prompt grows by more than a tenth", async () => {
    const candidate = prompt(
      "You answer questions about returns, parcels and invoices. Be brief and kind to all.",
    );
    const { findings } = await checkVersion({ candidate, live: plain, strict: false });
    expect(findings).toHaveLength(1);
    expect(findings[0]).toMatchObject({ code: "token_growth", severity: "warning" });
    const loose = await checkVersion({ candidate, live: plain, strict: false, maxTokenGrowth: 2 });
    expect(loose.findings).toEqual([]);
  });

  it("find a prompt that an edge case breaks, which is shown, and fails where the policy is strict", async () => {
    const fragile = prompt("You answer.", {
      messages: [{ role: "user", content: "{{ question[0] if question else none.x }}" }],
    });
    const { findings } = await checkVersion({ candidate: fragile, vars, strict: false });
    expect(findings[0]).toMatchObject({ code: "edge_case", severity: "warning" });
    expect(findings[0]!.message).toMatch(/with variable "question" empty, the prompt cannot be rendered/);
    const strict = await checkVersion({ candidate: fragile, vars, strict: true });
    expect(strict.findings.map(({ severity }) => severity)).toContain("error");
    expect(strict.findings.map(({ code }) => code)).toEqual(findings.map(({ code }) => code));
  });

  it("find what breaks services that send what the live version wanted", async () => {
    const live = prompt("x", {
      messages: [{ placeholder: "history" }, { role: "user", content: "{{ question }}" }],
    });
    const candidate = prompt("x", {
      model: "anthropic/claude-haiku-4-5",
      variables: { ...live.variables, locale: { type: "string", required: true } },
      messages: [{ role: "user", content: "{{ question }} in {{ locale }}" }],
    });
    const found = async (strict: boolean) => {
      const { findings } = await checkVersion({ candidate, live, strict, maxTokenGrowth: 100 });
      return findings;
    };
    expect((await found(false)).map(({ code, severity, message }) => [code, severity, message])).toEqual([
      ["contract", "warning", "model goes to anthropic instead of openai, whose requests are different"],
      ["contract", "warning", "variables.locale is new and required, and callers do not send it"],
      ["contract", "warning", "messages.history the placeholder is gone: its messages are dropped"],
    ]);
    expect((await found(true)).every(({ severity }) => severity === "error")).toBe(true);
  });

  it("find a text of anybody's in a system message, unless it is said whose it is or what it may be", async () => {
    const codes = async (spec: object, content = "You answer for {{ who }}.", role = "system") => {
      const candidate = prompt("", {
        variables: { who: { type: "string", ...spec } },
        messages: [
          { role: role as "system", content },
          { role: "user", content: "hi" },
        ],
      });
      return (await checkVersion({ candidate, strict: false })).findings.map(({ code }) => code);
    };
    expect(await codes({})).toEqual(["free_system_variable"]);
    expect(await codes({}, "{% if x is defined %}{{ who | upper }}{% endif %}")).toEqual([
      "free_system_variable",
    ]);
    expect(await codes({ trusted: true })).toEqual([]);
    expect(await codes({ enum: ["us", "them"] })).toEqual([]);
    expect(await codes({ type: "number" })).toEqual([]);
    expect(await codes({}, "{{ who }}", "user")).toEqual([]);
  });

  it("find what services of the live version do not expect", async () => {
    const schema = (properties: object, required: string[]) => ({ type: "object", properties, required });
    const live = prompt("x", { output_schema: schema({ a: { type: "string" } }, ["a"]) });
    const tool = { type: "function" as const, function: { name: "look_up" } };
    const candidate = prompt("x", { output_schema: schema({ a: { type: "number" } }, ["a"]), tools: [tool] });
    const { findings } = await checkVersion({ candidate, live, strict: false, maxTokenGrowth: 100 });
    expect(findings.map(({ code }) => code)).toEqual(["output_schema", "tools"]);
    expect(findings[0]!.message).toMatch(/the value.a may now be number, not only string/);
  });
});

describe("the compatibility of two schemas", () => {
  const object = (properties: object, more: object = {}) => ({ type: "object", properties, ...more });
  const [string, integer, number] = [{ type: "string" }, { type: "integer" }, { type: "number" }];

  it("allows what is narrower, and additions to an open object", () => {
    expect(
      schemaBreaks(
        object({ a: number }, { required: ["a"] }),
        object({ a: integer, b: string }, { required: ["a", "b"] }),
      ),
    ).toEqual([]);
    expect(schemaBreaks({ enum: ["a", "b"] }, { enum: ["a"] })).toEqual([]);
  });

  it("names each way in which it is wider", () => {
    const cases: [object, unknown, RegExp][] = [
      [object({ a: string }, { required: ["a"] }), object({ a: string }), /a need no longer be there/],
      [object({ a: string }, { required: ["a"] }), object({}), /a is gone/],
      [{ enum: ["a"] }, { enum: ["a", "b"] }, /may now be "b"/],
      [{ enum: ["a"] }, string, /no longer limited to/],
      [string, { type: ["string", "null"] }, /may now be null/],
      [
        object({ a: string }, { additionalProperties: false }),
        object({ a: string, b: string }, { additionalProperties: false }),
        /b is new/,
      ],
      [
        object({ a: { type: "array", items: string } }),
        object({ a: { type: "array", items: integer } }),
        /a\[\] may now be integer/,
      ],
      [string, true, /may now be anything/],
    ];
    for (const [before, after, says] of cases) expect(schemaBreaks(before, after).join("; ")).toMatch(says);
  });
});

describe("personal data", () => {
  it("is found by its form and its check digits", () => {
    const kinds = (text: string) => findPersonalData(text).map(({ kind }) => kind);
    expect(kinds("write to ada.l@uni-bonn.de or +49 228 735000")).toEqual([
      "an e-mail address",
      "a phone number",
    ]);
    expect(kinds("IBAN DE89 3704 0044 0532 0130 00")).toEqual(["a bank account (IBAN)"]);
    expect(kinds("SSN 123-45-6789")).toEqual(["a US social security number"]);
    expect(kinds("card 4111-1111-1111-1111")).toEqual(["a card number"]);
  });

  it("is not every number or address", () => {
    for (const text of [
      "order 4111 1111 1111 1112",
      "DE89 3704 0044 0532 0130 01",
      "mail support@example.com",
      "call 555-555-0123",
      "version 1.2.3 of 2024-01-01, 1234567890123456789012",
    ])
      expect(findPersonalData(text)).toEqual([]);
  });

  it("and secrets are told apart from words", async () => {
    expect(await findSecrets(`token ${token}`)).toHaveLength(1);
    expect(await findSecrets("the token of our esteem")).toEqual([]);
  });
});

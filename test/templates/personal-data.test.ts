import { describe, expect, it } from "vitest";
import type { Artifact } from "../../src/domain/prompt/artifact.ts";
import { findPersonalData, maskPersonalData } from "../../src/domain/text/personal-data.ts";
import { seededRandom } from "../../src/statistics/planning/seeded-random.ts";
import { compileArtifact } from "../../src/templates/artifact-template.ts";

const CARD = "4111 1111 1111 1111";
const template = compileArtifact({
  syntax: "jinja",
  model: "openai/m",
  params: {},
  variables: { q: { type: "json" }, own: { type: "string", trusted: true } },
  messages: [{ placeholder: "history" }, { role: "user", content: "{{ q }} {{ own }}" }],
} satisfies Artifact);
const history = [{ role: "user" as const, content: [{ type: "text", text: "I am at ann@corp.io" }] }];
const render = (personalData?: "flag" | "mask" | "reject") =>
  template.render(
    { q: { a: [CARD, 4111111111111111], "+49 30 1234567": 1 }, own: "b@corp.io c@corp.io" },
    { personalData, history },
  );
const said = (value: unknown) => JSON.stringify(value);

describe("personal data in values", () => {
  it("is looked at by nobody who was not asked to", () => {
    expect(render().warnings).toEqual([]);
    expect(said(render().messages)).toContain(CARD);
  });

  it("is flagged by what it is, and never by itself", () => {
    const { messages, warnings } = render("flag");
    expect(said(messages)).toBe(said(render().messages));
    expect(warnings).toEqual([
      'variable "q" holds what looks like a card number, a phone number',
      'variable "own" holds what looks like an e-mail address',
      'placeholder "history", message 1 holds what looks like an e-mail address',
    ]);
  });

  it("is masked at any depth, in messages of placeholders too, and the rest stays", () => {
    const { messages, warnings } = render("mask");
    expect(warnings).toHaveLength(3);
    expect(messages).toEqual([
      { role: "user", content: "I am at [e-mail address]" },
      expect.objectContaining({
        role: "user",
        content: expect.stringContaining("[e-mail address] [e-mail address]"),
      }),
    ]);
    expect(said(messages)).not.toMatch(/corp|4111|1234567/);
  });

  it("is refused, in words that do not repeat it; and so is a way that there is none of", () => {
    expect(() => render("reject")).toThrow(
      /^variable "q" holds what looks like a card number, a phone number$/,
    );
    expect(() => render("masked" as never)).toThrow(/personalData: use flag, mask, reject/);
  });

  it("is found wherever it stands, masked so that nothing is left of it, and again changes nothing", () => {
    const random = seededRandom(7);
    const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)]!;
    const digits = (count: number) => Array.from({ length: count }, () => Math.floor(random() * 10)).join("");
    const withLuhn = (start: string) => {
      const sum = [...`${start}0`].toReversed().reduce((all, digit, i) => {
        const doubled = i % 2 === 1 ? Number(digit) * 2 : Number(digit);
        return all + (doubled > 9 ? doubled - 9 : doubled);
      }, 0);
      return `${start}${(10 - (sum % 10)) % 10}`;
    };
    const iban = (account: string) => {
      const rest = BigInt(`${account}131400`) % 97n;
      return `DE${String(98n - rest).padStart(2, "0")}${account}`;
    };
    const made = {
      "a card number": () => withLuhn(`4${digits(14)}`),
      "a bank account (IBAN)": () => iban(digits(18)),
      "an e-mail address": () =>
        `${pick(["ann", "j.d-e+x", "Z9"])}@${pick(["mail", "a-b"])}.${pick(["de", "co.uk"])}`,
      "a US social security number": () => `1${digits(2)}-4${digits(1)}-7${digits(3)}`,
      "a phone number": () => `+49 30 ${1 + Math.floor(random() * 9)}${digits(6)}`,
    } as const;
    for (let seed = 0; seed < 500; seed++) {
      const kind = pick(Object.keys(made) as (keyof typeof made)[]);
      const datum = made[kind]();
      const text = `${pick(["", "call ", "ä😀: "])}${datum}${pick(["", ".", ", please", "\nbye"])}`;
      const masked = maskPersonalData(text);
      expect(masked.kinds, text).toEqual([kind]);
      expect(masked.text).toBe(text.replace(datum, `[${kind.replace(/^an? /, "")}]`));
      expect(maskPersonalData(masked.text)).toEqual({ text: masked.text, kinds: [] });
      // One digit off is no card and no account.
      if (kind !== "a card number" && kind !== "a bank account (IBAN)") continue;
      const wrong = datum.slice(0, -1) + ((Number(datum.at(-1)) + 1) % 10);
      expect(
        findPersonalData(wrong).map((one) => one.kind),
        wrong,
      ).not.toContain(kind);
    }
  });

  it.each([
    "order 4111-22",
    "version 1.2.3",
    "mail@example.com",
    "4111 1111 1111 1112",
    "DE00 1234 5678 9012 3456 78",
  ])("is not %j", (text) => expect(maskPersonalData(text)).toEqual({ text, kinds: [] }));
});

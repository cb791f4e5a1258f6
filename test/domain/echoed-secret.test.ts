import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { jsonWithoutSecrets, REMOVED, withoutSecrets } from "../../src/domain/echoed-secret.ts";

const KEY = 'sk-live/9f+"8\\7e=é';

describe("a secret that comes back in somebody else's words", () => {
  it("is removed wherever it stands, as it is or as part of an address", () => {
    expect(withoutSecrets(`no such key: ${KEY}, ${KEY}!`, [KEY])).toBe(
      `no such key: ${REMOVED}, ${REMOVED}!`,
    );
    expect(withoutSecrets(`see /v1?key=${encodeURIComponent(KEY)}`, [KEY])).toBe(`see /v1?key=${REMOVED}`);
    expect(withoutSecrets("abcdefgh-and-more", ["abcdefgh", "abcdefgh-and-more"])).toBe(REMOVED);
  });

  it("is removed from JSON however its letters are escaped, in values and in names, and the rest stays", () => {
    const everyLetter = [...KEY].map((one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, "0")}`);
    const body = `{"${everyLetter.join("")}":[{"a":"x ${everyLetter.join("")} y"}],"n":1.50}`;
    expect(JSON.parse(jsonWithoutSecrets(body, [KEY]))).toEqual({
      [REMOVED]: [{ a: `x ${REMOVED} y` }],
      n: 1.5,
    });
    expect(jsonWithoutSecrets(`<h1>${KEY}</h1>`, [KEY])).toBe(`<h1>${REMOVED}</h1>`);
  });

  it("is no JSON text that has none, which comes back letter by letter", () => {
    fc.assert(
      fc.property(fc.json(), (body) => {
        expect(jsonWithoutSecrets(body, [KEY, ""])).toBe(body);
      }),
    );
  });

  it("is never one of a few letters, which stand in any text", () => {
    expect(jsonWithoutSecrets('{"text":"a test is local"}', ["test", "local", ""])).toBe(
      '{"text":"a test is local"}',
    );
  });
});

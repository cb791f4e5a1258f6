import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readRequest } from "../../../src/resolver/serving/read-request.ts";
import { readToken, writeToken } from "../../../src/resolver/serving/token.ts";

const uuid = fc.uuid();
const content = fc
  .record({
    versionId: fc.option(uuid),
    prompt: fc.string(),
    label: fc.string(),
    model: fc.string(),
    tenant: fc.string({ unit: "grapheme" }),
    rendered: fc.boolean(),
    placed: fc.oneof(
      fc.record({
        rolloutId: uuid,
        arm: fc.constantFrom("candidate" as const, "control" as const),
        epoch: fc.nat(),
        unit: fc.stringMatching(/^[0-9a-f]{64}$/),
      }),
      fc.record({
        rolloutId: fc.option(uuid),
        arm: fc.constant("unenrolled" as const),
        epoch: fc.option(fc.nat()),
        unit: fc.option(fc.stringMatching(/^[0-9a-f]{64}$/)),
      }),
    ),
  })
  .map(({ placed, ...rest }) => ({ ...rest, ...placed }));

describe("a token", () => {
  it("says what was put into it", () => {
    fc.assert(
      fc.property(content, (given) => {
        expect(readToken(writeToken(given))).toEqual(given);
      }),
    );
  });

  it.each(["a", "名", "İ", "\u0001", '"', "🎉".slice(0, 2)])(
    "of the longest request there can be is read: %j",
    (character) => {
      const text = character.repeat(512 / character.length);
      const read = readRequest(
        { prompt: "a".repeat(128), label: "l".repeat(36), model: text, tenant: text },
        "production",
        new Map(),
      );
      if (typeof read === "string") throw new Error(read);
      const given = {
        ...read.served,
        versionId: "0f8fad5b-d9cb-469f-a165-70867728950e",
        rolloutId: "0f8fad5b-d9cb-469f-a165-70867728950e",
        arm: "candidate",
        epoch: Number.MAX_SAFE_INTEGER,
        unit: "ab".repeat(32),
        rendered: true,
      } as const;
      expect(readToken(writeToken(given))).toEqual(given);
    },
  );

  it.each([
    "",
    "sluice1.",
    "sluice1.e30",
    `sluice1.${Buffer.from("[1,2,3]").toString("base64url")}`,
    "sluice2.W10",
    `sluice1.${"x".repeat(20_000)}`,
    7 as unknown as string,
  ])("that is none is not read: %s", (text) => {
    expect(readToken(text)).toBeUndefined();
  });

  it("that was tampered with never throws, and never names an arm without a rollout", () => {
    fc.assert(
      fc.property(fc.json(), (json) => {
        const read = readToken(`sluice1.${Buffer.from(json).toString("base64url")}`);
        expect(read === undefined || read.arm === "unenrolled" || read.rolloutId !== null).toBe(true);
      }),
    );
  });
});

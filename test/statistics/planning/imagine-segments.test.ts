import { describe, expect, it } from "vitest";
import { readPolicyFile } from "../../../src/domain/policy/policy-file.ts";
import { imagineSegments } from "../../../src/statistics/planning/imagine-segments.ts";

const POLICY = readPolicyFile(
  `
canary:
  goal: { metric: rating, direction: higher, margin: 0.1 }
  segments: [language, tenant]
`,
  "p.yaml",
);

describe("Segments that are imagined", () => {
  it("are users of a value, with what changes for them alone", () => {
    expect(imagineSegments(POLICY, ["language=de:2%:rating=-0.8", "language=fr: 10%"])).toEqual([
      {
        segment: "language",
        value: "de",
        share: 0.02,
        changes: { rating: { kind: "absolute", value: -0.8 } },
      },
      { segment: "language", value: "fr", share: 0.1, changes: {} },
    ]);
  });

  it.each([
    [["language=de"], /--segment: .*write segment=value:share/],
    [["=de:2%"], /write segment=value:share/],
    [["language=:2%"], /write segment=value:share/],
    [["languge=de:2%"], /no segment "languge".*language/],
    [["language=de:2%:ratng=-1"], /no metric "ratng".*rating/],
    [["language=de:2%:rating"], /"rating" is no change/],
    [["language=de:2%", "tenant=a:1%"], /one segment can be imagined at a time/],
    [["language=de:2%", "language=de:3%"], /"de" is named twice/],
    [["language=de:60%", "language=fr:50%"], /more than 100 % together/],
  ])("that cannot be are told with what to write: %j", (given, message) => {
    expect(() => imagineSegments(POLICY, given)).toThrow(message);
  });

  it("of a policy without any are told how to name them", () => {
    const { segments: _, ...canary } = POLICY.canary!;
    expect(() => imagineSegments({ ...POLICY, canary }, ["language=de:2%"])).toThrow(
      /give its canary segments: \["language"\]/,
    );
  });
});

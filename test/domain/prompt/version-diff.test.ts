import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Artifact } from "../../../src/domain/prompt/artifact.ts";
import { diffArtifacts, diffLines } from "../../../src/domain/prompt/version-diff.ts";

const artifact: Artifact = {
  syntax: "jinja",
  model: "openai/gpt-5-mini",
  params: { temperature: 0.2 },
  variables: { question: { type: "string", required: true } },
  messages: [
    { role: "system", content: "Be brief.\nBe kind.\n" },
    { role: "user", content: "{{ question }}" },
  ],
  tools: [{ type: "function", function: { name: "track_order" } }],
};

describe("the difference of two versions", () => {
  it("is nothing for the same content, in whatever order its keys are", () => {
    const { messages, ...rest } = artifact;
    expect(diffArtifacts(artifact, { messages, ...rest })).toEqual([]);
  });

  it("names each part, in the order of a prompt file", () => {
    const changes = diffArtifacts(artifact, {
      ...artifact,
      model: "openai/gpt-5",
      params: { temperature: 0.2, max_tokens: 100 },
      messages: [{ role: "system", content: "Be brief.\nBe honest.\n" }],
      tools: [],
    });
    expect(changes.map(({ part, kind }) => `${part} ${kind}`)).toEqual([
      "model changed",
      "params.max_tokens added",
      "messages[0] changed",
      "messages[1] removed",
      "tools.track_order removed",
    ]);
    expect(changes[2]!.lines).toEqual([
      { kind: "same", text: "system:" },
      { kind: "same", text: "Be brief." },
      { kind: "removed", text: "Be kind." },
      { kind: "added", text: "Be honest." },
    ]);
  });
});

describe("a difference by lines", () => {
  it("has all of both texts, in their order", () => {
    const text = fc.array(fc.constantFrom("a", "b", "c", "d"), { maxLength: 12 });
    fc.assert(
      fc.property(text, text, (before, after) => {
        const lines = diffLines(before, after);
        const side = (kind: string) => lines.filter((line) => line.kind === "same" || line.kind === kind);
        expect(side("removed").map((line) => line.text)).toEqual(before);
        expect(side("added").map((line) => line.text)).toEqual(after);
      }),
    );
  });

  it("keeps as many lines as the two have in common", () => {
    const same = diffLines([..."abcabba"], [..."cbabac"]).filter(({ kind }) => kind === "same");
    expect(same).toHaveLength(4);
  });
});

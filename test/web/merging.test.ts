import { describe, expect, it } from "vitest";
import { analysed } from "../../src/web/editing/analysed.ts";
import {
  draftArtifact,
  type EditedFile,
  messagesOf,
  withMessages,
} from "../../src/web/editing/edited-file.ts";
import { mergeFiles } from "../../src/web/editing/merge-files.ts";
import { chosenText, mergeText } from "../../src/web/editing/merge-text.ts";
import { blocksOf, previewed, stretchesFromOutside } from "../../src/web/editing/preview.ts";

const file = (system: string, more: Partial<EditedFile> = {}): EditedFile => ({
  model: "openai/gpt-5.4-mini",
  messages: [
    { role: "system", content: system },
    { role: "user", content: "Hello" },
  ],
  ...more,
});
const lines = (text: string) => text.replaceAll(" ", "\n");
const systemOf = (merged: EditedFile) => (messagesOf(merged)[0] as { content: string }).content;

describe("two changes of one file", () => {
  it("are both taken where they are in different parts, or different lines", () => {
    const base = file(lines("a b c d e"), { params: { temperature: 0.2 } });
    const mine = file(lines("a B c d e"), { params: { temperature: 0.2 }, description: "mine" });
    const theirs = file(lines("a b c d E"), { params: { temperature: 0.7, seed: 1 }, syntax: "jinja" });
    const merged = mergeFiles(base, mine, theirs);
    expect(merged.parts.map(({ part, by, open }) => [part, by, open])).toEqual([
      ["message 1", "both", 0],
      ["params.temperature", "theirs", 0],
      ["description", "mine", 0],
      ["params.seed", "theirs", 0],
    ]);
    const result = merged.with({});
    expect(systemOf(result)).toBe(lines("a B c d E"));
    expect(result).toMatchObject({ description: "mine", params: { temperature: 0.7, seed: 1 } });
  });

  it("are chosen between where both changed the same line or the same value, and agree where they are the same", () => {
    const base = file(lines("a b c"), { params: { temperature: 0.2, seed: 1 } });
    const mine = file(lines("a MINE c"), { params: { temperature: 0.3, seed: 2 } });
    const theirs = file(lines("a THEIRS c"), { params: { temperature: 0.4, seed: 2 } });
    const merged = mergeFiles(base, mine, theirs);
    expect(merged.parts.map(({ part, open }) => [part, open])).toEqual([
      ["message 1", 1],
      ["params.temperature", 1],
    ]);
    const chosen = (choice: "mine" | "theirs" | "both") =>
      merged.with({ "message 1": [choice], "params.temperature": [choice === "both" ? "mine" : choice] });
    expect(systemOf(chosen("theirs"))).toBe(lines("a THEIRS c"));
    expect(systemOf(chosen("both"))).toBe(lines("a MINE THEIRS c"));
    expect(chosen("theirs").params).toEqual({ temperature: 0.4, seed: 2 });
    // What is not chosen yet stays as mine has it.
    expect(merged.with({})).toEqual(mine);
  });

  it("are chosen between as a whole where messages came or went, and one that was taken away is gone", () => {
    const base = file("a", { variables: { old: { type: "string" } } });
    const mine = withMessages(file("mine", { variables: { old: { type: "string" } } }), [
      ...messagesOf(file("mine")),
      { role: "assistant", content: "more" },
    ]);
    const theirs = file("theirs", { variables: {} });
    const merged = mergeFiles(base, mine, theirs);
    expect(merged.parts.map(({ part, by, open }) => [part, by, open])).toEqual([
      ["messages", "both", 1],
      ["variables.old", "theirs", 0],
    ]);
    expect(messagesOf(merged.with({}))).toEqual(messagesOf(mine));
    expect(messagesOf(merged.with({ messages: ["theirs"] }))).toEqual(messagesOf(theirs));
    expect(merged.with({}).variables).toEqual({});
  });

  it("of one text keep every line of each, whichever is chosen, in order", () => {
    const stretches = mergeText(lines("1 2 3 4 5 6"), lines("1 x 3 4 5 y 6"), lines("1 z 3 4 5 6 7"));
    expect(chosenText(stretches, ["mine"])).toBe(lines("1 x 3 4 5 y 6 7"));
    expect(chosenText(stretches, ["theirs"])).toBe(lines("1 z 3 4 5 y 6 7"));
  });
});

describe("a file as it is typed", () => {
  it("has each problem with its place in the message, by its own number beside what is included", () => {
    const content = "One\nBe {{ tone }} to {{ question }}";
    const written: EditedFile = {
      model: "openai/gpt-5.4-mini",
      variables: { question: { type: "string", untrusted: true } },
      messages: [
        { include: "house/style@3" },
        { role: "system", content },
        { role: "user", content: "{% if %}" },
      ],
    };
    const { problems, unused } = analysed(written);
    expect(
      problems.map(({ message, from, to, undeclared }) => [message, content.slice(from, to), undeclared]),
    ).toEqual([
      [1, "tone", "tone"],
      [1, "question", undefined],
      [2, expect.any(String), undefined],
    ]);
    expect([...unused]).toEqual([]);
    const style = {
      ...draftArtifact(file("In our style.")).artifact,
      messages: [{ role: "system", content: "Kind." }],
    };
    const whole = draftArtifact(written, new Map([["house/style@3", style as never]]));
    expect(whole.artifact.messages[0]).toEqual({ role: "system", content: "Kind." });
    expect(whole.places).toEqual([0, 1, 2]);
    expect(draftArtifact(written, new Map()).missing).toEqual(["house/style@3"]);
  });

  it("is rendered with what is there, a name for what is missing, and says why where it cannot be", () => {
    const { artifact } = draftArtifact(
      file("{{ shop }} {{ n }}", {
        variables: {
          shop: { type: "string", required: true, max_length: 4 },
          n: { type: "number", default: 7 },
        },
      }),
    );
    expect(previewed(artifact, {})).toMatchObject({
      ok: true,
      standIns: ["shop"],
      messages: [{ content: "‹sho 7" }, {}],
    });
    expect(previewed(artifact, { shop: "IKEA", n: 1 })).toMatchObject({
      standIns: [],
      messages: [{ content: "IKEA 1" }, {}],
    });
    expect(previewed(artifact, { shop: "IKEA", n: "one" })).toMatchObject({
      ok: false,
      problem: expect.stringMatching(/"n"/),
    });
  });

  it("is drawn in blocks of lines, of which a key changes one", () => {
    const lines = Array.from(
      { length: 100 },
      (_, line) => `Line ${line} <untrusted name="q">of\nthem</untrusted>.\n`,
    );
    const said = (items: readonly string[]) => blocksOf(stretchesFromOutside(`First.\n${items.join("")}`));
    const before = said(lines);
    expect(
      before
        .flat()
        .map(({ text }) => text)
        .join(""),
    ).toBe(`First.\n${lines.join("")}`);
    expect(before).toHaveLength(6);
    const isLeft = before
      .flat()
      .filter(({ isOutside }) => isOutside)
      .map(({ text }) => text)
      .join("");
    expect(isLeft).toBe('<untrusted name="q">of\nthem</untrusted>'.repeat(100));
    const after = said(lines.with(50, 'Another <untrusted name="q">of\nthem</untrusted>.\n'));
    const changed = after.flatMap((block, at) =>
      JSON.stringify(block) === JSON.stringify(before[at]) ? [] : [at],
    );
    expect(changed).toEqual([2]);
    expect(blocksOf([])).toEqual([[]]);
  });

  it("that was written as one text stays one while it is one", () => {
    const text: EditedFile = { model: "openai/gpt-5.4-mini", text: "Hello" };
    expect(withMessages(text, [{ role: "user", content: "Hi" }])).toEqual({ ...text, text: "Hi" });
    expect(withMessages(text, [{ role: "system", content: "Hi" }])).not.toHaveProperty("text");
  });
});

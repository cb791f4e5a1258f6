import { describe, expect, it } from "vitest";
import { mergePromptFile } from "../../../src/domain/prompt/merge-prompt-file.ts";
import { mergePromptJson } from "../../../src/domain/prompt/merge-prompt-json.ts";
import { promptFileValue } from "../../../src/domain/prompt/prompt-file-value.ts";
import { loadPromptFile } from "../../../src/templates/load-prompt-file.ts";

const TEXT = `# Ours.
name: greeting # as services ask for it
model: openai/gpt-5-mini
messages:
  # What it is.
  - role: system
    content: You greet. # short
  - { role: user, content: "{{ question }}" }
variables: { question: { type: string, required: true } }
policy: greeting.rollout.yaml
`;
const valueOf = (text: string) => {
  const { artifact, name, description = "", ...file } = loadPromptFile(text, "greeting.yaml");
  return promptFileValue({ prompt: name, description, ...file }, artifact);
};
const merge = (change: (text: string) => string) =>
  mergePromptFile(TEXT, "greeting", valueOf(TEXT), valueOf(change(TEXT)));

describe("what another version says, written into a prompt file", () => {
  it("changes only what differs: comments, order and policy stay", () => {
    expect(merge((text) => text.replace("You greet.", "You greet warmly."))).toBe(
      TEXT.replace("You greet.", "You greet warmly."),
    );
  });

  it("leaves the spaces of every other line as somebody has written them", () => {
    const own = TEXT.replace("model:", "tags: [ours,  theirs]\nmodel:").replace(/ \}$/gm, "}");
    const plain = own.replace("You greet.", "You greet warmly.");
    expect(mergePromptFile(own, "greeting", valueOf(own), valueOf(plain))).toBe(plain);
  });

  it("says what the version says, whatever was added or taken away", () => {
    const changes = [
      (text: string) =>
        text.replace("model: openai/gpt-5-mini", "model: openai/gpt-5.4-mini\nparams: { temperature: 0 }"),
      (text: string) =>
        text.replace(
          "    content: You greet. # short",
          "    content: |\n      You greet.\n      Twice: yes.",
        ),
      (text: string) =>
        text.replace(
          '  - { role: user, content: "{{ question }}" }',
          '  - { role: user, content: "{{ question }}" }\n  - { role: assistant, content: "Hm" }',
        ),
      (text: string) =>
        text.replace("  # What it is.\n  - role: system\n    content: You greet. # short\n", ""),
      (text: string) => text.replace("required: true", "required: true, untrusted: true"),
    ];
    for (const change of changes) {
      expect(change(TEXT)).not.toBe(TEXT);
      const merged = merge(change)!;
      expect(valueOf(merged)).toEqual(valueOf(change(TEXT)));
      expect(merged).toContain("policy: greeting.rollout.yaml");
      expect(merged).toMatch(/^# Ours\.\n/);
    }
  });

  it("finds its place in a file of several prompts, and none where there is none", () => {
    const indented = TEXT.replace(/^(?=.)/gm, "    ").replace("    # Ours.\n    name", "  - name");
    const several = `prompts:\n${indented}`;
    const after = valueOf(TEXT.replace("You greet.", "You wave."));
    expect(mergePromptFile(several, "greeting", valueOf(TEXT), after)).toContain(
      "content: You wave. # short",
    );
    expect(mergePromptFile(several, "other", valueOf(TEXT), after)).toBeUndefined();
  });

  it("leaves every key that is the same as somebody has laid it out, comments and folded texts too", () => {
    const own = `# Ours.
name: greeting   # name
model: &m openai/gpt-5-mini
config: { fallback: *m,   keep:   [1,2,   3] }
messages:
  - role: system
    content: >-
      A folded text that
      goes over lines.

      And a paragraph.
  # between
  - {role: user,   content: 'It''s {{ question }}'}   # flow
variables: {question: {type: string, required: true}}
# end
`;
    for (const [from, to] of [
      ["type: string, required: true", "type: string, required: true, untrusted: true"],
      ["keep:   [1,2,   3]", "keep: [1, 2]"],
    ] as const) {
      const merged = mergePromptFile(own, "greeting", valueOf(own), valueOf(own.replace(from, to)))!;
      const changed = merged.split("\n").filter((line) => !own.split("\n").includes(line));
      expect(changed).toHaveLength(1);
      expect(merged.split("\n")).toHaveLength(own.split("\n").length);
    }
    const flow = own.replace("'It''s {{ question }}'", "'It was {{ question }}'");
    const merged = mergePromptFile(own, "greeting", valueOf(own), valueOf(flow))!;
    expect(valueOf(merged)).toEqual(valueOf(flow));
    expect(merged.slice(0, merged.indexOf("messages:"))).toBe(own.slice(0, own.indexOf("messages:")));
    expect(merged.endsWith(own.slice(own.indexOf("variables:")))).toBe(true);
    const bare = own.trimEnd().replace("\n# end", "");
    expect(
      mergePromptFile(
        bare,
        "greeting",
        valueOf(bare),
        valueOf(bare.replace("name: greeting", "name: greeting\ndescription: d")),
      ),
    ).toBe(`${bare}\ndescription: d`);
  });

  it("ends its lines as they ended", () => {
    const windows = (text: string) => text.replaceAll("\n", "\r\n");
    const after = TEXT.replace("content: You greet. # short", "content: |\n      You greet.\n      Twice.");
    const merged = mergePromptFile(windows(TEXT), "greeting", valueOf(TEXT), valueOf(after))!;
    expect(merged).not.toMatch(/[^\r]\n/);
    expect(merged.replaceAll("\r\n", "\n")).toBe(
      mergePromptFile(TEXT, "greeting", valueOf(TEXT), valueOf(after)),
    );
  });

  it("is none where another prompt of the file would say something else with it", () => {
    const shared = (text: string) => `prompts:
  - name: greeting
    model: openai/gpt-5-mini
    text: &text ${text}
  - { name: farewell, model: openai/gpt-5-mini, text: *text }
`;
    const value = (text: string) => ({
      name: "greeting",
      syntax: "jinja",
      model: "openai/gpt-5-mini",
      text,
    });
    expect(mergePromptFile(shared("Hello."), "greeting", value("Hello."), value("Bye."))).toBeUndefined();
  });

  it("keeps the order, the indentation and what is no part of a version in JSON", () => {
    const file = {
      prompts: [
        { policy: "one.rollout.yaml", name: "greeting", model: "openai/gpt-5-mini", text: "Hello." },
        { name: "other", model: "openai/gpt-5-mini", text: "Other." },
      ],
    };
    const text = `${JSON.stringify(file, null, 4)}\n`;
    const before = { name: "greeting", model: "openai/gpt-5-mini", text: "Hello." };
    const after = { name: "greeting", model: "openai/gpt-5-mini", text: "Bye.", config: { a: [1] } };
    const merged = mergePromptJson(text, "greeting", before, after)!;
    expect(merged).toBe(
      `${text.replace('"Hello."', '"Bye.",\n            "config": {\n                "a": [\n                    1\n                ]\n            }')}`,
    );
    expect(mergePromptJson(merged, "greeting", after, before)).toBe(text);
    expect(mergePromptJson(text, "none", before, after)).toBeUndefined();
    expect(mergePromptJson("{ // no JSON\n}", "greeting", before, after)).toBeUndefined();
  });
});

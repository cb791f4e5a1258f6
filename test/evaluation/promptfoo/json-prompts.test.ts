import { describe, expect, it } from "vitest";
import { reasons, runConfig } from "./run-config.ts";

const said = 'He said "no"\n{or} did he?';

async function asked(prompt: string, vars: Record<string, unknown> = { q: said }) {
  const ran = await runConfig({ prompts: [prompt], tests: [{ vars }] });
  return { ...ran, messages: ran.requests[0]?.messages };
}

describe("a prompt that is JSON", () => {
  it("keeps its form whatever a value holds, as in promptfoo", async () => {
    const { messages } = await asked(
      '{ "task": "answer", "say": ["{{ q }}", "Q: {{ q | upper }}"], "n": 1 }',
    );
    expect(messages).toHaveLength(1);
    expect(JSON.parse(messages![0]!.content)).toEqual({
      task: "answer",
      say: [said, `Q: ${said.toUpperCase()}`],
      n: 1,
    });
    expect(messages![0]!.content).toBe(
      JSON.stringify({ task: "answer", say: [said, `Q: ${said.toUpperCase()}`], n: 1 }, null, 2),
    );
  });

  it("is messages where it is a list of them, with the values whole", async () => {
    const { messages } = await asked('[{"role":"system","content":"S"},{"role":"user","content":"{{ q }}"}]');
    expect(messages).toEqual([
      { role: "system", content: "S" },
      { role: "user", content: said },
    ]);
  });

  it("may have quotes inside its templates", async () => {
    const { messages } = await asked('{ "a": "{{ q | default(\\"x\\") }}" }', { q: "y" });
    expect(JSON.parse(messages![0]!.content)).toEqual({ a: "y" });
  });

  it.each([
    [
      "an object",
      '{ "a": "{{ q }}"{% if q %}, "b": 1{% endif %} }',
      /begins like a JSON object and is not valid/,
    ],
    [
      "a list",
      '[{% if q %}{ "role": "user", "content": "{{ q }}" }{% endif %}]',
      /begins like a JSON list of messages/,
    ],
  ])(
    "that only becomes %s when it is rendered fails its case where a value breaks it",
    async (_, prompt, why) => {
      const broken = await asked(prompt);
      expect(broken.requests).toEqual([]);
      expect(reasons(broken)[0]).toMatch(why);
      expect((await asked(prompt, { q: "fine" })).requests).toHaveLength(1);
    },
  );

  it("is none where it only has a brace in it", async () => {
    expect((await asked("{{ q }} {x}")).messages).toEqual([{ role: "user", content: `${said} {x}` }]);
  });
});

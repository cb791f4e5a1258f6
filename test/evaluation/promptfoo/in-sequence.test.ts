import { describe, expect, it } from "vitest";
import { parseDataset } from "../../../src/evaluation/dataset/parse-dataset.ts";
import { sampleCases } from "../../../src/evaluation/dataset/sample-cases.ts";
import { type ConfigRequest, reasons, runConfig } from "./run-config.ts";

const last = ({ messages }: ConfigRequest) => messages.at(-1)!.content;

describe("tests of a configuration that use the answers of earlier ones", () => {
  const stored = {
    prompts: ["Say: {{ message }}"],
    tests: [
      {
        vars: { message: "a fruit" },
        options: { storeOutputAs: "fruit", transform: "output.split(' ')[0]" },
      },
      { vars: { message: "why {{fruit}}?" }, options: { storeOutputAs: "reason" } },
      {
        vars: { message: "{{fruit}} because {{ reason }}" },
        assert: [{ type: "contains", value: "{{ fruit }}" }],
      },
    ],
  };

  it("get what an earlier one stored, as its transform left it, in their variables and their assertions", async () => {
    const { requests, report } = await runConfig(
      stored,
      (_, index) => ["kiwi it is", "sweet", "kiwi!"][index]!,
    );
    expect(requests.map(last)).toEqual(["Say: a fruit", "Say: why kiwi?", "Say: kiwi because sweet"]);
    expect(report.passed).toBe(3);
  });

  it("fail, without being asked, where the earlier one gave no answer", async () => {
    const alone = await runConfig({
      prompts: ["{{ fruit }}?"],
      tests: [{ options: { storeOutputAs: "fruit" } }],
    });
    expect(alone.requests).toEqual([]);
    expect(reasons(alone)[0]).toMatch(
      /"fruit" is an answer that an earlier test is to give \(storeOutputAs\)/,
    );
  });

  it("get only what their own prompt and provider, and their own repeat, was answered", async () => {
    const { requests } = await runConfig(
      {
        prompts: ["{{ q }}", "Please: {{ q }}"],
        tests: [
          { vars: { q: "first" }, options: { storeOutputAs: "kept" } },
          { vars: { q: "then {{kept}}" } },
        ],
        evaluateOptions: { repeat: 2 },
      },
      (_, index) => `answer ${index}`,
    );
    expect(requests.map(last)).toEqual([
      "first",
      "then answer 0",
      "first",
      "then answer 2",
      "Please: first",
      "Please: then answer 4",
      "Please: first",
      "Please: then answer 6",
    ]);
  });

  it("get the turns of their conversation in _conversation, and of no other", async () => {
    const { requests } = await runConfig(
      {
        prompts: [
          "{% for turn in _conversation %}{{ turn.input }} > {{ turn.output }} | {% endfor %}{{ q }}",
        ],
        tests: [
          { vars: { q: "a" }, metadata: { conversationId: "one" } },
          { vars: { q: "b" }, metadata: { conversationId: "two" } },
          { vars: { q: "c" }, metadata: { conversationId: "one" } },
          {
            vars: { q: "d" },
            metadata: { conversationId: "one" },
            options: { disableConversationVar: true },
          },
        ],
      },
      (_, index) => `answer ${index}`,
    );
    expect(requests.slice(0, 3).map(last)).toEqual(["a", "b", "a > answer 0 | c"]);
  });

  it("read a conversation as promptfoo's own example does: messages as JSON, and a list's length as JavaScript has it", async () => {
    const prompt = `[
      {% for turn in _conversation %}
        { "role": "user", "content": {{ turn.prompt[turn.prompt.length - 1].content | dump }} },
        { "role": "assistant", "content": {{ turn.output | dump }} },
      {% endfor %}
      { "role": "user", "content": {{ q | dump }} }
    ]`;
    const { requests } = await runConfig(
      { prompts: [prompt], tests: [{ vars: { q: 'Who said "no"?' } }, { vars: { q: "When?" } }] },
      () => 'He said "no".',
    );
    expect(requests[1]!.messages).toEqual([
      { role: "user", content: 'Who said "no"?' },
      { role: "assistant", content: 'He said "no".' },
      { role: "user", content: "When?" },
    ]);
  });

  it("are asked one after the other, however many may be asked at once, and none is left out of a sample", async () => {
    let underWay = 0;
    let most = 0;
    const { config } = await runConfig(
      { ...stored, evaluateOptions: { maxConcurrency: 8 } },
      () => (response) => {
        most = Math.max(most, (underWay += 1));
        setImmediate(() => {
          underWay -= 1;
          const message = { role: "assistant", content: "kiwi" };
          const choices = [{ index: 0, finish_reason: "stop", message }];
          response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify({ choices }));
        });
      },
    );
    expect(most).toBe(1);
    expect(sampleCases(config.dataset, 1).cases).toHaveLength(3);
  });

  it("are none of a dataset's, whose cases are asked by themselves", () => {
    for (const options of [{ storeOutputAs: "x" }, { runSerially: true }])
      expect(() =>
        parseDataset(
          JSON.stringify([{ vars: {}, options, assert: [{ type: "contains", value: "y" }] }]),
          "golden.json",
        ),
      ).toThrow(/in a promptfoo configuration alone/);
  });
});

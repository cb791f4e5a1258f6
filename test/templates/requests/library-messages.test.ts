import { expect, it } from "vitest";
import type { Artifact } from "../../../src/domain/prompt/artifact.ts";
import type { RenderedMessage } from "../../../src/templates/rendered-message.ts";
import { toAiSdk } from "../../../src/templates/requests/to-ai-sdk.ts";
import { toLangChain } from "../../../src/templates/requests/to-lang-chain.ts";

const artifact: Artifact = {
  syntax: "jinja",
  model: "openai/gpt-5.4-mini",
  params: { max_tokens: 90, temperature: 0.2, top_p: 1, stop: "END", reasoning_effort: "low" },
  variables: {},
  messages: [],
};
const call = { id: "c1", type: "function" as const, function: { name: "look_up", arguments: '{"id":7}' } };
const image = { type: "image" as const, data: "aGk=", media_type: "image/png" };
const messages: readonly RenderedMessage[] = [
  { role: "system", content: "Be brief." },
  { role: "user", content: "What is it?", parts: [{ type: "text", text: "What is it?" }, image] },
  { role: "assistant", content: "", tool_calls: [call] },
  { role: "tool", content: "a kettle", tool_call_id: "c1" },
  { role: "assistant", content: "A kettle." },
];

it("gives the Vercel AI SDK messages and settings under its own names, and leaves what it has no name for", () => {
  expect(toAiSdk(artifact, messages)).toEqual({
    maxOutputTokens: 90,
    temperature: 0.2,
    topP: 1,
    stopSequences: ["END"],
    messages: [
      { role: "system", content: "Be brief." },
      {
        role: "user",
        content: [
          { type: "text", text: "What is it?" },
          { type: "image", image: "aGk=", mediaType: "image/png" },
        ],
      },
      {
        role: "assistant",
        content: [{ type: "tool-call", toolCallId: "c1", toolName: "look_up", input: { id: 7 } }],
      },
      {
        role: "tool",
        content: [
          {
            type: "tool-result",
            toolCallId: "c1",
            toolName: "look_up",
            output: { type: "text", value: "a kettle" },
          },
        ],
      },
      { role: "assistant", content: "A kettle." },
    ],
  });
});

it("gives LangChain messages by role, with calls of tools and never without a content", () => {
  expect(toLangChain(artifact, messages)).toMatchObject([
    { role: "system", content: "Be brief." },
    {
      role: "user",
      content: [{ type: "text" }, { type: "image_url", image_url: { url: "data:image/png;base64,aGk=" } }],
    },
    { role: "assistant", content: "", tool_calls: [call] },
    { role: "tool", content: "a kettle", tool_call_id: "c1" },
    { role: "assistant", content: "A kettle." },
  ]);
});

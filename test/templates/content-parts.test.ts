import type { MessageCreateParamsNonStreaming } from "@anthropic-ai/sdk/resources/messages";
import type { ChatCompletionCreateParamsNonStreaming } from "openai/resources/chat/completions";
import type { ResponseCreateParamsNonStreaming } from "openai/resources/responses/responses";
import { describe, expect, it } from "vitest";
import { partTokens } from "../../src/domain/prompt/content-parts.ts";
import { readPrompts } from "../../src/evaluation/promptfoo/read-prompts.ts";
import type { FileSource } from "../../src/evaluation/dataset/file-source.ts";
import { compileArtifact } from "../../src/templates/artifact-template.ts";
import { loadPromptFile } from "../../src/templates/load-prompt-file.ts";
import { requestProblems } from "../../src/templates/requests/request-problems.ts";
import type { PlaceholderMessage } from "../../src/templates/rendered-message.ts";
import { toAnthropic } from "../../src/templates/requests/to-anthropic.ts";
import { toOpenAIResponses } from "../../src/templates/requests/to-openai-responses.ts";
import { toOpenAI } from "../../src/templates/requests/to-openai.ts";

const file = (parts: string) => `name: look
model: openai/gpt-4.1-mini
variables:
  question: { type: string, required: true, untrusted: true }
  picture: { type: string, default: "" }
messages:
  - { role: developer, content: "Describe." }
  - { placeholder: history }
  - role: user
    content:
${parts}
`;
const { artifact } = loadPromptFile(
  file(`      - { type: text, text: "{{ question }}" }
      - { type: image, url: "{{ picture }}", detail: low }
      - { type: file, data: aGVsbG8=, media_type: application/pdf, name: a.pdf }`),
  "p.yaml",
);
const template = compileArtifact(artifact);
const picture = "https://example.com/a.png";
const { messages } = template.render({ question: "What?", picture });

describe("a message of parts", () => {
  it("is part of the version, its texts templates like any other, and developer is system", () => {
    expect(artifact.messages[0]).toEqual({ role: "system", content: "Describe." });
    expect(messages.at(-1)).toEqual({
      role: "user",
      content: '<untrusted name="question">What?</untrusted>',
      parts: [
        { type: "text", text: '<untrusted name="question">What?</untrusted>' },
        { type: "image", url: picture, detail: "low" },
        { type: "file", data: "aGVsbG8=", media_type: "application/pdf", name: "a.pdf" },
      ],
    });
  });

  it("leaves out an image that comes out empty, and refuses what is no address", () => {
    const { messages: without } = template.render({ question: "What?" });
    expect(without.at(-1)).toMatchObject({ parts: [{ type: "text" }, { type: "file" }] });
    for (const wrong of ["javascript:alert(1)", "/etc/passwd", "https://a b", "data:text/html,<p>"])
      expect(() => template.render({ question: "x", picture: wrong })).toThrow(
        "message 3 (user): image: its url must begin with https://",
      );
  });

  it.each([
    [
      `      - { type: text, text: "{{ nope }}" }`,
      /p\.yaml:11:\d+: messages\.2\.content\.0\.text, line 1: variable "nope"/,
    ],
    [`      - { type: image, url: "{{ nope }}" }`, /content\.0\.url.*variable "nope"/],
    [`      - { type: image, url: x, data: y }`, /either url or data/],
    [`      - { type: image, data: aGk= }`, /data needs a media_type/],
    [`      - { type: image, url: x, text: y }`, /an image url or data/],
    [`      - { type: video, url: x }`, /type/],
    [`      []`, /at least one part/],
  ])("is refused where it stands: %s", (parts, problem) => {
    expect(() => loadPromptFile(file(parts), "p.yaml")).toThrow(problem);
  });

  it("holds images and files only where a user speaks, and untrusted values never in the system's parts", () => {
    const system = (part: string) =>
      file(`      - { type: text, text: x }`).replace('content: "Describe."', `content: [${part}]`);
    expect(() => loadPromptFile(system('{ type: image, url: "https://a" }'), "p.yaml")).toThrow(
      "images and files stand in a user's message",
    );
    expect(() => loadPromptFile(system('{ type: text, text: "{{ question }}" }'), "p.yaml")).toThrow(
      'untrusted variable "question" may not reach a system message',
    );
  });

  it("is what each vendor's SDK takes without a cast", () => {
    const chat: ChatCompletionCreateParamsNonStreaming = toOpenAI(artifact, messages);
    const responses: ResponseCreateParamsNonStreaming = toOpenAIResponses(artifact, messages);
    const anthropic: MessageCreateParamsNonStreaming = toAnthropic(artifact, messages);
    const text = '<untrusted name="question">What?</untrusted>';
    expect(chat.messages.at(-1)!.content).toEqual([
      { type: "text", text },
      { type: "image_url", image_url: { url: picture, detail: "low" } },
      { type: "file", file: { filename: "a.pdf", file_data: "data:application/pdf;base64,aGVsbG8=" } },
    ]);
    expect((responses.input as { content: unknown }[]).at(-1)!.content).toEqual([
      { type: "input_text", text },
      { type: "input_image", image_url: picture, detail: "low" },
      { type: "input_file", filename: "a.pdf", file_data: "data:application/pdf;base64,aGVsbG8=" },
    ]);
    expect(anthropic.messages.at(-1)!.content).toEqual([
      { type: "text", text },
      { type: "image", source: { type: "url", url: picture } },
      {
        type: "document",
        source: { type: "base64", media_type: "application/pdf", data: "aGVsbG8=" },
        title: "a.pdf",
      },
    ]);
  });

  it("in the history may be in either vendor's form, and the assistant's null is what it refused or called", () => {
    const history: PlaceholderMessage[] = [
      { role: "user", content: [{ type: "image_url", image_url: { url: "data:image/png;base64,aGk=" } }] },
      { role: "assistant", content: null, refusal: "I cannot." },
      {
        role: "user",
        content: [
          { type: "image", source: { type: "base64", media_type: "image/png", data: "aGk=" } },
          { type: "document", source: { type: "url", url: "https://a/b.pdf" }, title: "b" },
          { type: "input_text", text: "and?" },
        ],
      },
      { role: "assistant", content: [{ type: "output_text", text: "A cat." }] },
    ];
    const rendered = template.render({ question: "x" }, { history }).messages.slice(1, 5);
    expect(rendered).toEqual([
      { role: "user", content: "", parts: [{ type: "image", url: "data:image/png;base64,aGk=" }] },
      { role: "assistant", content: "I cannot." },
      {
        role: "user",
        content: "and?",
        parts: [
          { type: "image", data: "aGk=", media_type: "image/png" },
          { type: "file", url: "https://a/b.pdf", name: "b" },
          { type: "text", text: "and?" },
        ],
      },
      { role: "assistant", content: "A cat." },
    ]);
    expect(toAnthropic(artifact, rendered).messages[0]!.content).toEqual([
      { type: "image", source: { type: "base64", media_type: "image/png", data: "aGk=" } },
    ]);
  });

  it.each<[unknown, RegExp]>([
    [{ role: "user", content: [{ type: "audio" }] }, /part 1: a part of type "audio" is not known/],
    [{ role: "user", content: [{ type: "image", url: "file:///etc/passwd" }] }, /part 1: image: its url/],
    [{ role: "assistant", content: [{ type: "image", url: "https://a" }] }, /user's message/],
    [{ role: "developer", content: "x" }, /role "developer" is not allowed here/],
  ])("is refused in a history by name: %j", (message, problem) => {
    const history = [message as PlaceholderMessage];
    expect(() => template.render({ question: "x" }, { history })).toThrow(problem);
  });

  it("costs tokens by an estimate, and says at push what a model would refuse", () => {
    expect(partTokens([{ type: "image", url: "https://a" }])).toBeGreaterThan(
      partTokens([{ type: "image", url: "https://a", detail: "low" }]),
    );
    const count = (text: string) => text.length;
    const budget = { window: 100_000, count };
    const { tokens } = template.render({ question: "x", picture }, { budget });
    expect(tokens).toBeGreaterThan(2_000);
    const problems = (model: string) => requestProblems({ ...artifact, model }).map(({ code }) => code);
    expect(problems("openai/gpt-3.5-turbo")).toContain("part_refused");
    expect(problems("openai/gpt-4.1-mini")).toEqual([]);
  });

  it("is read from a promptfoo prompt", () => {
    const raw = JSON.stringify([
      { role: "developer", content: "Look." },
      {
        role: "user",
        content: [
          { type: "text", text: "{{ q }}" },
          { type: "image_url", image_url: { url: "{{ u }}" } },
        ],
      },
    ]);
    const [prompt] = readPrompts({ raw }, "prompts.0", {} as FileSource);
    expect(prompt!.messages).toEqual([
      { role: "system", content: "Look." },
      {
        role: "user",
        content: [
          { type: "text", text: "{{ q }}" },
          { type: "image", url: "{{ u }}" },
        ],
      },
    ]);
  });
});

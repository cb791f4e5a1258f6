import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { embed } from "../../../src/local/model-server/embedding.ts";
import { hashText } from "../../../src/local/model-server/seeded-random.ts";
import { valueForSchema } from "../../../src/local/model-server/schema-value.ts";
import { judgeAnswer } from "./scripted-judge.ts";
import { type Asked, inOneLine, readAsked } from "./asked.ts";

/** A model whose answers depend on nothing but what it is asked, so that two runners who ask the same get the same. */
export interface ScriptedModel {
  readonly url: string;
  /** What was asked of it, judges left out: one line a request, in the order of the alphabet. */
  asked(): string[];
  stop(): Promise<void>;
}

/** What answers are made of, so that some pass and some fail. */
export interface Material {
  /** What the assertions of a configuration look for. */
  readonly words: readonly string[];
  /** Beginnings of the configuration's own prompts for judges. */
  readonly rubrics: readonly string[];
  /** Texts that are answers by themselves: most are one of them, where there are such. */
  readonly whole: readonly string[];
}

export async function startScriptedModel({ words, rubrics, whole }: Material): Promise<ScriptedModel> {
  const asked: string[] = [];
  const served = new Set<string>();
  const server = createServer((request, response) => {
    void answer(request).then(({ status, body }) => {
      response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
    });
  });

  async function answer(request: IncomingMessage): Promise<{ status: number; body: unknown }> {
    const path = (request.url ?? "").replace(/^(?:\/v1)+/, "/v1");
    const body = (await readJson(request)) as Record<string, unknown>;
    if (path === "/v1/embeddings") return { status: 200, body: embeddings(body) };
    const wire = WIRES[path];
    if (!wire) return { status: 404, body: { error: { message: `nothing at ${path}` } } };
    const question = readAsked(body);
    const judged = judgeAnswer(question, served, rubrics);
    if (judged === undefined) {
      asked.push(JSON.stringify([question.model, question.messages]));
      const said = say(question, words, whole);
      served.add(said.text);
      return { status: 200, body: wire(question, said) };
    }
    return { status: 200, body: wire(question, judged) };
  }

  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked: () => asked.toSorted(),
    stop: () => stop(server),
  };
}

/** A text, or a call of a tool. */
export interface Said {
  readonly text: string;
  readonly call?: { readonly name: string; readonly arguments: unknown } | undefined;
  /** The call is of OpenAI's older `functions`. */
  readonly isFunction?: boolean;
}

function say(question: Asked, words: readonly string[], whole: readonly string[]): Said {
  // Without the white space that promptfoo takes out of a text for Anthropic: the same question, the same answer.
  const hash = hashText(inOneLine(JSON.stringify(question.messages)));
  const hint = () => words[hash % Math.max(1, words.length)] ?? "an answer";
  if (question.schema) return { text: JSON.stringify(valueForSchema(question.schema, hint)) };
  const tool = question.tools[hash % Math.max(1, question.tools.length)];
  if (tool && hash % 4 !== 0)
    return {
      text: "",
      call: { name: tool.name, arguments: valueForSchema(tool.parameters, hint) },
      isFunction: question.isFunctions,
    };
  if (whole.length > 0 && hash % 4 !== 0) return { text: whole[hash % whole.length]! };
  const some = words.filter((_, index) => (hash >> (index % 24)) % 2 === 0);
  switch (hash % 5) {
    case 0:
      return { text: words[hash % Math.max(1, words.length)] ?? `An answer, number ${hash}.` };
    case 1:
      return { text: `Well then: ${some.join(", ")}. That is all (${hash}).` };
    case 2:
      return { text: `${words.join(" ")}\n\nAs asked, number ${hash}.` };
    case 3:
      return { text: JSON.stringify({ answer: hint(), number: hash }) };
    default:
      return { text: `An answer about this, number ${hash}.` };
  }
}

type Wire = (question: Asked, said: Said) => unknown;

const USAGE = 40;

const WIRES: Readonly<Record<string, Wire>> = {
  "/v1/chat/completions": ({ model }, { text, call, isFunction }) => {
    const made = call && { name: call.name, arguments: JSON.stringify(call.arguments) };
    const message = {
      role: "assistant",
      content: made ? null : text,
      ...(made && isFunction && { function_call: made }),
      ...(made && !isFunction && { tool_calls: [{ id: "call_1", type: "function", function: made }] }),
    };
    const finish = made ? (isFunction ? "function_call" : "tool_calls") : "stop";
    return {
      id: "chatcmpl-1",
      object: "chat.completion",
      created: 1_700_000_000,
      model,
      choices: [{ index: 0, message, finish_reason: finish }],
      usage: { prompt_tokens: USAGE, completion_tokens: USAGE, total_tokens: 2 * USAGE },
    };
  },
  "/v1/responses": ({ model }, { text, call }) => ({
    id: "resp_1",
    object: "response",
    created_at: 1_700_000_000,
    status: "completed",
    model,
    output: call
      ? [
          {
            type: "function_call",
            id: "fc_1",
            call_id: "call_1",
            status: "completed",
            name: call.name,
            arguments: JSON.stringify(call.arguments),
          },
        ]
      : [
          {
            type: "message",
            id: "msg_1",
            status: "completed",
            role: "assistant",
            content: [{ type: "output_text", text, annotations: [] }],
          },
        ],
    usage: { input_tokens: USAGE, output_tokens: USAGE, total_tokens: 2 * USAGE },
  }),
  "/v1/messages": ({ model }, { text, call }) => ({
    id: "msg_1",
    type: "message",
    role: "assistant",
    model,
    content: call
      ? [{ type: "tool_use", id: "toolu_1", name: call.name, input: call.arguments }]
      : [{ type: "text", text }],
    stop_reason: call ? "tool_use" : "end_turn",
    stop_sequence: null,
    usage: { input_tokens: USAGE, output_tokens: USAGE },
  }),
};

function embeddings({ input, model }: Record<string, unknown>): unknown {
  const data = [input].flat().map((text, index) => ({
    object: "embedding",
    index,
    embedding: embed(String(text), 256),
  }));
  return { object: "list", model, data, usage: { prompt_tokens: USAGE, total_tokens: USAGE } };
}

async function readJson(request: IncomingMessage): Promise<unknown> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  try {
    return JSON.parse(Buffer.concat(parts).toString("utf8")) as unknown;
  } catch {
    return {};
  }
}

function stop(server: Server): Promise<void> {
  server.closeAllConnections();
  return new Promise((resolve) => server.close(() => resolve()));
}

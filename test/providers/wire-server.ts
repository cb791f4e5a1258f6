import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** One scripted HTTP answer; the last one repeats. */
export type WireAnswer = (response: ServerResponse, request: IncomingMessage, body: string) => void;

export interface WireServer extends AsyncDisposable {
  readonly url: string;
  /** Bodies received, in order. */
  readonly requests: {
    readonly path: string;
    readonly headers: IncomingMessage["headers"];
    readonly body: string;
  }[];
}

/** An HTTP server that says exactly what a test wants a broken endpoint to say. */
export async function wireServer(...answers: WireAnswer[]): Promise<WireServer> {
  const requests: WireServer["requests"] = [];
  const server = createServer((request, response) => {
    let body = "";
    request.setEncoding("utf8").on("data", (chunk: string) => (body += chunk));
    request.on("end", () => {
      requests.push({ path: request.url ?? "", headers: request.headers, body });
      answers[Math.min(requests.length, answers.length) - 1]!(response, request, body);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    requests,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

export function text(status: number, body: string, headers: Record<string, string> = {}): WireAnswer {
  return (response) => response.writeHead(status, headers).end(body);
}

export function json(status: number, value: unknown, headers: Record<string, string> = {}): WireAnswer {
  return text(status, JSON.stringify(value), { "content-type": "application/json", ...headers });
}

export function chatAnswer(content: string | null, more: Record<string, unknown> = {}): WireAnswer {
  return json(200, {
    id: "c1",
    object: "chat.completion",
    created: 0,
    model: "m",
    choices: [{ index: 0, finish_reason: "stop", message: { role: "assistant", content, ...more } }],
    usage: { prompt_tokens: 1000, completion_tokens: 500, total_tokens: 1500 },
  });
}

export function messageAnswer(content: unknown[], stop_reason = "end_turn"): WireAnswer {
  return json(200, {
    id: "m1",
    type: "message",
    role: "assistant",
    model: "m",
    content,
    stop_reason,
    stop_sequence: null,
    usage: { input_tokens: 1000, output_tokens: 500 },
  });
}

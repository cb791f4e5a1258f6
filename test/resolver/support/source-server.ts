import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { BatchRefused, type Source } from "../../../src/resolver/index.ts";

/**
 * The smallest server that speaks the resolver's protocol: a source over HTTP. The conformance test runs
 * against it; the real server has to pass the same.
 */
export async function serveSource(source: Source, key?: string) {
  const streams = new Set<ServerResponse>();
  const send = (text: string) => streams.forEach((stream) => stream.write(text));
  source.watch({
    moved: (scope) => send(`event: pointer\ndata: ${JSON.stringify(scope ?? {})}\n\n`),
    connected: () => undefined,
    disconnected: () => undefined,
  });
  const beat = setInterval(() => send(": beat\n\n"), 1_000);

  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const url = new URL(request.url ?? "/", "http://localhost");
    const answer = (status: number, body: unknown) =>
      void response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
    if (key !== undefined && request.headers.authorization !== `Bearer ${key}`)
      return answer(401, { error: "no such key" });
    const route = `${request.method} ${url.pathname}`;
    if (route === "POST /v1/resolver/pointers")
      return answer(200, await source.read(JSON.parse(await text(request))));
    if (route === "GET /v1/resolver/version") {
      const id = url.searchParams.get("id");
      const number = Number(url.searchParams.get("number"));
      const which = id === null ? { prompt: url.searchParams.get("prompt") ?? "", number } : { id };
      const version = await source.readVersion(which);
      return version ? answer(200, version) : answer(404, { error: "no such version" });
    }
    if (route === "POST /v1/resolver/serving" && source.reportServing)
      return answer(200, { known: await source.reportServing(await text(request)) });
    if (route === "POST /v1/resolver/circuits" && source.exchangeCircuits)
      return answer(200, await source.exchangeCircuits(JSON.parse(await text(request))));
    if (route === "GET /v1/resolver/spent-budgets" && source.readSpentBudgets)
      return answer(200, { spent: await source.readSpentBudgets() });
    if (route === "POST /v1/resolver/callers" && source.reportCallers)
      return answer(200, { taken: await source.reportCallers(await text(request)) });
    if (route === "POST /v1/outcomes") {
      try {
        return answer(200, await source.record(await text(request)));
      } catch (error) {
        if (error instanceof BatchRefused) return answer(422, { error: error.message });
        throw error;
      }
    }
    if (route === "GET /v1/stream") {
      response.writeHead(200, { "content-type": "text/event-stream" });
      response.write(": open\n\n");
      streams.add(response);
      response.on("close", () => streams.delete(response));
      return undefined;
    }
    return answer(404, { error: "no such route" });
  };

  const server = createServer((request, response) => {
    handle(request, response).catch((error: unknown) => response.writeHead(500).end(String(error)));
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  const { port } = server.address() as { port: number };
  return {
    url: `http://${key === undefined ? "" : `${key}@`}127.0.0.1:${port}`,
    /** Ends the streams, as a server that restarts does. */
    endStreams(): void {
      for (const stream of streams) stream.end();
      streams.clear();
    },
    async close(): Promise<void> {
      clearInterval(beat);
      server.close();
      server.closeAllConnections();
    },
  };
}

async function text(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}

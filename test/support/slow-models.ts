import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { once } from "node:events";
import { text } from "node:stream/consumers";

export interface SlowModels {
  readonly url: string;
  /** How many have asked and have no answer. */
  waiting(): number;
  close(): void;
}

/** Models that never answer a question which holds `words`, and hand on all others to the ones at `modelUrl`. */
export async function startSlowModels(modelUrl: string, words: string): Promise<SlowModels> {
  const held = new Set<ServerResponse>();
  const server = createServer((request, response) => {
    void text(request).then(async (body) => {
      if (body.includes(words)) {
        held.add(response);
        response.once("close", () => held.delete(response));
        return;
      }
      const headers = { "content-type": "application/json" };
      const answer = await fetch(modelUrl + request.url!, { method: "POST", headers, body });
      response.writeHead(answer.status, headers).end(await answer.text());
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    waiting: () => held.size,
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}

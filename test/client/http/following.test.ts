import { createServer, type ServerResponse } from "node:http";
import { afterEach, describe, expect, it } from "vitest";
import { createSluice } from "../../../src/client/create-sluice.ts";

const ROLLOUT = "0197a1c4-0000-4000-8000-000000000000";
const status = (phase: string, outcome: string | null = null) => ({ rolloutId: ROLLOUT, phase, outcome });
const event = (value: object) => `event: status\nid: x\ndata: ${JSON.stringify(value)}\n\n`;

const open: (() => void)[] = [];
afterEach(() => {
  for (const close of open.splice(0)) close();
});

/** A server whose streams of events are these, one after the other. */
async function serve(...streams: readonly ((response: ServerResponse) => void)[]) {
  let opened = 0;
  const server = createServer((_, response) => {
    const stream = streams[Math.min(opened++, streams.length - 1)]!;
    response.on("error", () => undefined);
    stream(response);
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  const { port } = server.address() as { port: number };
  const sluice = createSluice({ url: `http://127.0.0.1:${port}`, key: "slu_abcdefghijkl_secret" });
  open.push(() => {
    void sluice.close();
    server.closeAllConnections();
    server.close();
  });
  return sluice;
}

const stream = (response: ServerResponse) => response.writeHead(200, { "content-type": "text/event-stream" });

describe("following a rollout over a server", () => {
  it("goes on after a stream that broke off, and gives each state once", async () => {
    const sluice = await serve(
      (response) => {
        stream(response).write(event(status("canary")), () => response.destroy());
      },
      (response) => void response.writeHead(503, { "retry-after": "1" }).end("{}"),
      (response) => {
        stream(response).write(": beat\n\n");
        response.end(
          event(status("canary")) + event(status("done", "promoted")) + "event: end\ndata: {}\n\n",
        );
      },
    );
    const heard: string[] = [];
    const onUnreachable = (unreachable: boolean) => void heard.push(unreachable ? "away" : "back");
    for await (const { phase } of sluice.follow({ rolloutId: ROLLOUT }, { onUnreachable })) heard.push(phase);
    expect(heard).toEqual(["canary", "away", "back", "done"]);
  });

  it("ends with what will be so again: a rollout that is not there, a key that is not good", async () => {
    const problem = {
      instance: "/v1/rollouts/:id/events",
      error: { code: "not_found", message: "no", details: {} },
    };
    for (const [code, said] of [
      [404, "not_found"],
      [401, "forbidden"],
    ] as const) {
      const sluice = await serve((response) => void response.writeHead(code).end(JSON.stringify(problem)));
      const following = async () => {
        for await (const _ of sluice.follow({ rolloutId: ROLLOUT })) break;
      };
      await expect(following()).rejects.toMatchObject({ code: said });
    }
  });

  it("ends when it is told to, or when its connections are closed, and throws nothing", async () => {
    const endless = (response: ServerResponse) => void stream(response).write(event(status("canary")));
    const sluice = await serve(endless);
    const end = new AbortController();
    for await (const _ of sluice.follow({ rolloutId: ROLLOUT }, { signal: end.signal })) end.abort();
    for await (const _ of sluice.follow({ rolloutId: ROLLOUT })) await sluice.close();
    expect(end.signal.aborted).toBe(true);
  });
});

import { createServer, type Server, type ServerResponse } from "node:http";
import { type AddressInfo, connect, type Socket } from "node:net";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Streams } from "../../src/server/streams.ts";
import { eventually } from "../resolver/support/eventually.ts";

const MOST_UNSENT = 1_048_576;
/** One event with its frame. */
const EVENT = 2_000;
const SCOPE = { label: "production", prompt: "p", model: "m".repeat(EVENT), tenant: "" };

let streams: Streams;
let server: Server;
let open: ServerResponse[];
let sockets: Socket[];
beforeEach(async () => {
  streams = new Streams();
  open = [];
  sockets = [];
  server = createServer((_, response) => {
    open.push(response);
    streams.add(response, { keyId: "k", sees: () => true, stillLet: async () => true });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
});
afterEach(async () => {
  for (const socket of sockets) socket.destroy();
  await streams.end();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

/** A reader that is open; what it does with what comes is its own. */
async function reader(): Promise<Socket> {
  const { port } = server.address() as AddressInfo;
  const socket = connect(port, "127.0.0.1").on("error", () => undefined);
  sockets.push(socket);
  socket.write("GET / HTTP/1.1\r\nhost: x\r\n\r\n");
  await new Promise((resolve) => socket.once("data", resolve));
  return socket;
}

/** What the process holds for readers that have not taken it. */
const unsent = () => open.reduce((sum, response) => sum + response.writableLength, 0);
const soon = () => new Promise((resolve) => setImmediate(resolve));

describe("readers of streams that do not keep up", () => {
  it("are dropped once, each at 1 MiB, however much there is to tell, and nothing is held for them after", async () => {
    const stalled = await Promise.all(Array.from({ length: 20 }, reader));
    for (const socket of stalled) socket.pause();
    let most = 0;
    // 100 MB for each of them.
    for (let n = 0; n < 50_000; n++) {
      streams.pointerMoved({ ...SCOPE, revision: n });
      most = Math.max(most, ...open.map((response) => response.writableLength));
      if (n % 100 === 0) await soon();
    }
    expect(most).toBeGreaterThan(MOST_UNSENT);
    expect(most).toBeLessThan(MOST_UNSENT + 2 * EVENT);
    expect(streams.dropped).toBe(stalled.length);
    await eventually("all are gone", () => streams.size === 0);
    expect(unsent()).toBe(0);
  });

  it("are dropped too where they read, but more slowly than there is to tell", async () => {
    const slow = await reader();
    let taken = 0;
    slow.on("data", (part: Buffer) => {
      taken += part.length;
      slow.pause();
    });
    for (let n = 0; n < 50_000 && streams.dropped === 0; n++) {
      streams.pointerMoved({ ...SCOPE, revision: n });
      expect(open[0]!.writableLength).toBeLessThan(MOST_UNSENT + 2 * EVENT);
      if (n % 50 === 0) {
        await soon();
        slow.resume();
      }
    }
    expect(streams.dropped).toBe(1);
    expect(taken).toBeGreaterThan(0);
  });

  it("keep nobody else from being told everything", async () => {
    const stalled = await reader();
    stalled.pause();
    const quick = await reader();
    let told = "";
    quick.setEncoding("utf8").on("data", (part: string) => (told += part));
    const EVENTS = 8_000;
    for (let n = 0; n < EVENTS; n++) {
      streams.pointerMoved({ ...SCOPE, revision: n });
      if (n % 50 === 0) await eventually("it has taken that", () => open[1]!.writableLength === 0);
    }
    await eventually("it was told", () => told.includes(`"revision":${EVENTS - 1}`));
    expect(told.split("event: pointer").length - 1).toBe(EVENTS);
    expect(streams.dropped).toBe(1);
  });
});

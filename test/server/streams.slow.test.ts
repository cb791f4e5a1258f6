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

const REQUEST = "GET / HTTP/1.1\r\nhost: x\r\n\r\n";

/** A reader that is open; what it does with what comes is its own. */
async function reader(request = REQUEST): Promise<Socket> {
  const { port } = server.address() as AddressInfo;
  const socket = connect(port, "127.0.0.1").on("error", () => undefined);
  sockets.push(socket);
  socket.write(request);
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

describe("what is told", () => {
  const event = (revision: number) =>
    `event: pointer\ndata: ${JSON.stringify({ ...SCOPE, prompt: "grüße", revision })}\n\n`;
  const tell = (revision: number) => streams.pointerMoved({ ...SCOPE, prompt: "grüße", revision });
  /** All that comes until it is over, without the answer's head. */
  const wholeOf = async (socket: Socket) => {
    let told = "";
    for await (const part of socket.setEncoding("utf8")) told += part as string;
    return told;
  };

  it("comes whole in chunks, to whoever knows none as it is, and behind another answer when it is its turn", async () => {
    const { port } = server.address() as AddressInfo;
    const fetched = await fetch(`http://127.0.0.1:${port}/`);
    const [old, second] = [await reader(REQUEST.replace("1.1", "1.0")), await reader(REQUEST + REQUEST)];
    const told = [fetched.text(), wholeOf(old), wholeOf(second)];
    tell(1);
    // The first of two on one connection: the other has been told nothing that was sent.
    open[2]!.end();
    await eventually("it is its turn", () => open[3]!.socket !== null);
    tell(2);
    for (const response of open) response.end();
    second.end();
    const [byFetch, unframed, pipelined] = await Promise.all(told);
    const RETRY = "retry: 2000\n\n";
    expect(byFetch).toBe(RETRY + event(1) + event(2));
    expect(unframed!.endsWith(event(1) + event(2))).toBe(true);
    const chunk = (text: string) => `${Buffer.byteLength(text).toString(16)}\r\n${text}\r\n`;
    const [, after] = pipelined!.split("HTTP/1.1 200 OK");
    expect(after!.endsWith(`${chunk(RETRY)}${chunk(event(1))}${chunk(event(2))}0\r\n\r\n`)).toBe(true);
  });
});

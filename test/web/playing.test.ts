import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { newestSince } from "../../src/web/editing/meanwhile.ts";
import { readColumns, writeColumns } from "../../src/web/screens/playground/columns.ts";

type FollowWork = (
  path: string,
  body: unknown,
  more: { signal: AbortSignal; onEvent: (told: { event: string; data: unknown }) => void },
) => Promise<unknown>;
// By its address: with its types would come those of browsers, which nothing here has.
const { followWork } = (await import(new URL("../../src/web/data/events.ts", import.meta.url).href)) as {
  followWork: FollowWork;
};

/** What the next request is answered with, piece by piece as they come over the wire. */
let answer: (response: ServerResponse) => void = () => undefined;
const server = createServer((_, response) => answer(response));
let url: string;
beforeAll(async () => {
  await new Promise<void>((done) => void server.listen(0, "127.0.0.1", () => done()));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

const streaming =
  (...pieces: readonly Uint8Array[]) =>
  (response: ServerResponse) => {
    response.writeHead(200, { "content-type": "text/event-stream" });
    for (const piece of pieces) response.write(piece);
    response.end();
  };
const bytes = (text: string) => new TextEncoder().encode(text);

async function follow(signal = new AbortController().signal) {
  const told: string[] = [];
  const onEvent = ({ event, data }: { event: string; data: unknown }) =>
    void told.push(`${event} ${JSON.stringify(data)}`);
  const ended = await followWork(url, {}, { signal, onEvent }).catch((error: Error) => error.message);
  return { told, ended };
}

describe("a stream that tells of work", () => {
  it("is read however its bytes are cut, in the middle of a letter too, and ends with what its last event says", async () => {
    const whole = bytes(
      'retry: 2000\n\nevent: text\ndata: {"text":"Grüße 👋"}\n\n: heartbeat\n\nevent: end\ndata: {"costUsd":1}\n\n',
    );
    for (const size of [1, 2, 3, 7, whole.length]) {
      const pieces = Array.from({ length: Math.ceil(whole.length / size) }, (_, at) =>
        whole.subarray(at * size, (at + 1) * size),
      );
      answer = streaming(...pieces);
      expect(await follow()).toEqual({ told: ['text {"text":"Grüße 👋"}'], ended: { costUsd: 1 } });
    }
  });

  it("that ends without saying how has broken off, and what is refused says why, before it began or in the middle", async () => {
    answer = streaming(bytes('event: text\ndata: {"text":"half"}\n\n'));
    expect(await follow()).toEqual({
      told: ['text {"text":"half"}'],
      ended: expect.stringContaining("broke off"),
    });
    answer = (response) => {
      streaming(bytes('event: text\ndata: {"text":"half"}\n\n'))(response);
      setImmediate(() => response.destroy());
    };
    expect((await follow()).ended).toContain("broke off");
    answer = streaming(bytes('event: error\ndata: {"code":"unavailable","message":"busy","details":{}}\n\n'));
    expect((await follow()).ended).toBe("busy");
    answer = (response) =>
      void response.writeHead(403).end(JSON.stringify({ error: { code: "forbidden", message: "not you" } }));
    expect((await follow()).ended).toBe("not you");
  });
});

describe("the columns of the playground", () => {
  const DRAFT = "0198f3d2-0000-7000-8000-000000000000";
  it("are said by the address and read from it, four at most, and what is none is left out", () => {
    const text = `7,draft.${DRAFT}~openai/gpt-5.4~0.2,7~~1`;
    expect(writeColumns(readColumns(text))).toBe(text);
    expect(readColumns("0,-1,x,draft.no,1.5,9")).toEqual([
      { of: { version: 9 }, model: "", temperature: "" },
    ]);
    expect(readColumns("1,2,3,4,5")).toHaveLength(4);
    expect(readColumns(null)).toEqual([]);
    // A model's name cannot break out of its column.
    const [column] = readColumns(writeColumns([{ of: { version: 1 }, model: "a/b,2~3", temperature: "" }]));
    expect(column).toMatchObject({ of: { version: 1 }, model: "a/b23" });
  });
});

describe("what came while somebody wrote", () => {
  const version = (number: number, outcome: string | null, live: string[] = []) => ({
    version: number,
    live,
    rollout: outcome === null ? null : { rolloutId: "r", outcome, phase: "ended" },
  });
  it("is the newest version that nobody has turned down", () => {
    const versions = [version(5, "rejected"), version(4, "rolled_back"), version(3, null), version(2, null)];
    expect(newestSince(versions, 2)?.version).toBe(3);
    expect(newestSince(versions, 3)).toBeUndefined();
    expect(newestSince(versions, null)).toBeUndefined();
    // Somebody made it live all the same.
    expect(newestSince([version(5, "rejected", ["production"])], 3)?.version).toBe(5);
  });
});

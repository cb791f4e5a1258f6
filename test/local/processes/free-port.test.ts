import { type Server, createServer } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { freePort, startOnFreePort } from "../../../src/local/processes/free-port.ts";

const servers: Server[] = [];

function listen(port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    servers.push(server);
    server.once("error", reject);
    server.listen({ port, host: "127.0.0.1" }, resolve);
  });
}

afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

describe("starting on a free port", () => {
  it("takes the preferred port while it is free", async () => {
    const preferred = await freePort();
    expect(await startOnFreePort(preferred, listen)).toEqual({ port: preferred, started: undefined });
  });

  it("takes another one when somebody was faster", async () => {
    const preferred = await freePort();
    const tried: number[] = [];
    const { port } = await startOnFreePort(preferred, async (free) => {
      tried.push(free);
      if (tried.length === 1) await listen(free);
      await listen(free);
    });
    expect(tried).toEqual([preferred, port]);
    expect(port).not.toBe(preferred);
  });

  it("does not try again what fails for another reason", async () => {
    let starts = 0;
    const start = () => {
      starts++;
      return Promise.reject(new Error("no such program"));
    };
    await expect(startOnFreePort(await freePort(), start)).rejects.toThrow("no such program");
    expect(starts).toBe(1);
  });
});

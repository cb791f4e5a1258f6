import { connect } from "node:net";
import { text } from "node:stream/consumers";
import fastify from "fastify";
import { expect, it } from "vitest";
import { addressOf, closeListener } from "../../src/server/listener.ts";

it("answers those who had connected before it was stopped, also where none has been taken yet", async () => {
  const app = fastify();
  app.get("/", async () => "here");
  await app.listen({ host: "127.0.0.1", port: 0 });
  const { port } = addressOf(app, { host: "127.0.0.1", tls: undefined });
  // Nothing of this waits: the connections are made by the system alone.
  const answers = Array.from({ length: 100 }, () => {
    const socket = connect(port, "127.0.0.1");
    socket.write("GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n");
    return text(socket);
  });
  await closeListener(app);
  const statuses = (await Promise.all(answers)).map((answer) => answer.slice(0, 12));
  expect(statuses).toHaveLength(100);
  for (const status of statuses) expect(["HTTP/1.1 200", "HTTP/1.1 503"]).toContain(status);
  expect(statuses).toContain("HTTP/1.1 200");
});

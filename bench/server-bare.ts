/** node:http and nothing else: reads each body to its end, and answers with the bytes that came on stdin. */
import { createServer } from "node:http";
import { text } from "node:stream/consumers";

const type = process.argv[2] ?? "application/json";
const answer = Buffer.from(await text(process.stdin));
const server = createServer((request, response) => {
  request.resume().once("end", () => {
    response.writeHead(200, {
      "content-type": type,
      "content-length": answer.length,
      "cache-control": "no-store",
    });
    response.end(answer);
  });
});
server.keepAliveTimeout = 72_000;
server.listen(0, "127.0.0.1", () => {
  const { port } = server.address() as { port: number };
  process.stdout.write(`http://127.0.0.1:${port}\n`);
});

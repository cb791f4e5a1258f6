import { createServer } from "node:http2";
import type { AddressInfo } from "node:net";
import { onTestFinished } from "vitest";

/**
 * Answers every request with a gRPC status (7: permission denied, 16: unauthenticated) whose words hold the request's
 * own authorization, as a gateway may. Closed when the test is over; `host:port`.
 */
export async function startRefusingTemporal(status: number): Promise<string> {
  const server = createServer();
  server.on("stream", (stream, headers) => {
    const words = encodeURIComponent(`no rights for ${headers.authorization}`);
    stream.on("error", () => undefined);
    stream.respond({ ":status": 200, "content-type": "application/grpc" }, { waitForTrailers: true });
    stream.on("wantTrailers", () => stream.sendTrailers({ "grpc-status": status, "grpc-message": words }));
    stream.end();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void server.close());
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

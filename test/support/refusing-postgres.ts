import { readFileSync } from "node:fs";
import { createServer, type AddressInfo, type Socket } from "node:net";
import { TLSSocket } from "node:tls";

const PEM = readFileSync(new URL("../fixtures/self-signed.pem", import.meta.url), "utf8");
const SSL_REQUEST = 80877103;

/** What a server says to whoever connects: an error in Postgres' own protocol. */
export interface Refusal {
  readonly code: string;
  readonly message: string;
}

/**
 * A server that speaks the first words of Postgres' protocol, and refuses: for answers that a real one gives only
 * behind a pooler or with another configuration.
 */
export async function refusingPostgres(options: { tls: boolean; refusal?: Refusal }) {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => undefined);
    socket.once("data", (first) => {
      if (first.readInt32BE(4) !== SSL_REQUEST) return refuse(socket, options.refusal);
      if (!options.tls) {
        socket.write("N");
        socket.once("data", () => refuse(socket, options.refusal));
        return;
      }
      socket.write("S");
      const secure = new TLSSocket(socket, { isServer: true, cert: PEM, key: PEM });
      secure.on("error", () => undefined);
      secure.once("data", () => refuse(secure, options.refusal));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    port: (server.address() as AddressInfo).port,
    close: () => {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}

function refuse(socket: Socket, refusal: Refusal = { code: "28000", message: "no" }): void {
  const fields = `SFATAL\0VFATAL\0C${refusal.code}\0M${refusal.message}\0\0`;
  const head = Buffer.alloc(5);
  head.write("E");
  head.writeInt32BE(4 + Buffer.byteLength(fields), 1);
  socket.end(Buffer.concat([head, Buffer.from(fields)]));
}

import { connect as connectPlain, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";

const PROBE_MS = 2_000;

/**
 * Why a Temporal cannot be reached, which its client does not say: nothing listens there, the name is not known,
 * or one side speaks TLS and the other does not. Sends no credentials.
 *
 * @param address `host` or `host:port`
 */
export async function whyUnreachable(address: string, withTls: boolean): Promise<string> {
  const place = hostAndPort(address);
  const plain = await probe(() => connectPlain(place), "connect");
  if (plain !== undefined) return plain;
  const secure = await probe(
    () => connectTls({ ...place, rejectUnauthorized: withTls, ...servername(place.host) }),
    "secureConnect",
  );
  if (withTls)
    return secure === undefined
      ? "something answers there, but not as Temporal does"
      : `TLS with it fails: ${secure}; without TLS, unset TEMPORAL_TLS`;
  return secure === undefined
    ? "it speaks TLS, and TEMPORAL_TLS is not set"
    : "something answers there, but not as Temporal does";
}

/** What keeps a connection from being made; undefined when nothing does. */
function probe(open: () => Socket, ready: string): Promise<string | undefined> {
  return new Promise((resolve) => {
    const socket = open();
    const end = (outcome: string | undefined) => {
      clearTimeout(timer);
      socket.destroy();
      resolve(outcome);
    };
    const timer = setTimeout(() => end("no answer"), PROBE_MS);
    socket.once(ready, () => end(undefined));
    socket.once("end", () => end("it hangs up"));
    socket.once("error", (error: NodeJS.ErrnoException) => end(causeOf(error)));
  });
}

function causeOf(error: NodeJS.ErrnoException): string {
  if (error.code === "ECONNREFUSED") return "nothing listens there (ECONNREFUSED)";
  if (error.code === "ENOTFOUND") return "its name is not known (ENOTFOUND)";
  // OpenSSL's own message is a line of codes and file names.
  const reason = (error as { reason?: string }).reason;
  return reason ?? error.code ?? error.message;
}

function hostAndPort(address: string): { host: string; port: number } {
  const match = /^\[?([^\]]*?)\]?(?::(\d+))?$/.exec(address);
  return { host: match?.[1] || "localhost", port: Number(match?.[2] ?? 7233) };
}

/** An IP address is no name that TLS could ask for. */
function servername(host: string): { servername?: string } {
  return /^[\d.]+$|:/.test(host) ? {} : { servername: host };
}

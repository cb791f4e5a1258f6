import { connect, createServer, type Socket } from "node:net";

/** A TCP proxy before a Postgres, to make the network between behave badly. */
export async function startProxy(databaseUrl: string) {
  const target = new URL(databaseUrl);
  const pairs = new Set<readonly [Socket, Socket]>();
  let frozen = false;
  let refusing = false;
  let losing = false;
  let swallowing = false;
  let loseAfter: string | undefined;
  let answersLost = 0;
  let losingCommits = false;
  let commits = 0;
  let delayMs = 0;
  const server = createServer((client) => {
    if (refusing) return void client.destroy();
    const upstream = connect(Number(target.port), target.hostname);
    const pair = [client, upstream] as const;
    pairs.add(pair);
    const forward = (from: Socket, to: Socket) => {
      from.on("data", (data) => {
        if (swallowing || (losing && from === upstream)) return;
        if (loseAfter !== undefined && from === client && data.includes(loseAfter)) {
          loseAfter = undefined;
          losing = true;
          answersLost += 1;
          // Long enough for the server to do what it was asked; if not, it has not been done, which is as good a case.
          setTimeout(cut, 300);
        }
        if (losingCommits && from === upstream && isCommitted(data) && commits++ % 2 === 0) {
          client.destroy();
          upstream.destroy();
          return;
        }
        if (delayMs > 0) setTimeout(() => to.write(data), delayMs);
        else to.write(data);
      });
      from.on("error", () => to.destroy());
      from.on("close", () => {
        pairs.delete(pair);
        to.destroy();
      });
      if (frozen) from.pause();
    };
    forward(client, upstream);
    forward(upstream, client);
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  const url = new URL(databaseUrl);
  url.hostname = "127.0.0.1";
  url.port = String((server.address() as { port: number }).port);
  const cut = () => {
    losing = false;
    losingCommits = false;
    for (const [client, upstream] of pairs) {
      client.destroy();
      upstream.destroy();
    }
  };
  return {
    url: url.href,
    get connections(): number {
      return pairs.size;
    },
    /** Breaks every connection; new ones are taken. */
    cut,
    /** Breaks every connection, and takes none until `accept`. */
    refuse(): void {
      refusing = true;
      cut();
    },
    accept(): void {
      refusing = false;
    },
    /** Holds everything back, as a stopped server does, until `thaw`. */
    freeze(): void {
      frozen = true;
      for (const pair of pairs) for (const socket of pair) socket.pause();
    },
    thaw(): void {
      frozen = false;
      for (const pair of pairs) for (const socket of pair) socket.resume();
    },
    /** Holds back what is connected now, for good, as a firewall does that has forgotten it; new connections work. */
    silence(): void {
      for (const pair of pairs) for (const socket of pair) socket.pause();
    },
    /** Lets everything through to the server and nothing back: what is committed is not acknowledged. Until `cut`. */
    loseAnswers(): void {
      losing = true;
    },
    /**
     * Every second time that the server says that something was committed, that answer is lost and the connection
     * broken. Until `cut`.
     */
    loseAcknowledgements(): void {
      losingCommits = true;
    },
    /** The same for what is answered to the next statement with these words, after which every connection breaks. */
    loseAnswerTo(words: string): void {
      loseAfter = words;
    },
    /** How many such statements there have been. */
    get answersLost(): number {
      return answersLost;
    },
    /** Takes connections and loses every byte, each way, as a network without a route behind it, until `deliver`. */
    swallow(): void {
      swallowing = true;
    },
    deliver(): void {
      swallowing = false;
    },
    /** Delays everything by this much, each way. */
    delay(ms: number): void {
      delayMs = ms;
    },
    async close(): Promise<void> {
      cut();
      await new Promise((closed) => server.close(closed));
    },
  };
}

/** The end of a transaction, or of a statement that is one: what was done, and that no transaction is open. */
// eslint-disable-next-line no-control-regex -- the server's messages are binary
const COMMITTED = /(?:COMMIT|INSERT 0 \d+|UPDATE \d+|DELETE \d+)\0.*Z\0{3}\x05I/s;

function isCommitted(data: Buffer): boolean {
  return COMMITTED.test(data.toString("latin1"));
}

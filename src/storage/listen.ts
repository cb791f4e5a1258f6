import pg from "pg";
import { readPostgresAddress } from "../domain/addresses/postgres-address.ts";

const CONNECT_MS = 5_000;
const AGAIN_MS = 1_000;
/** A dead connection is found by what is sent on it. */
const LOOK_MS = 5_000;

export interface Listening {
  close(): Promise<void>;
}

/** What is done with what is heard on a channel, and when it may be that something was not. */
export interface Ears {
  readonly heard: (payload: string) => void;
  readonly missed: () => void;
}

/**
 * Listens on channels for as long as it is open, over a connection of its own that is opened again whenever it is
 * lost. `missed` is called each time it begins to listen: what was told before then is not known.
 */
export function listen(url: string, channels: Readonly<Record<string, Ears>>): Listening {
  const { connectionString } = readPostgresAddress(url);
  let closed = false;
  let client: pg.Client | undefined;
  let again: NodeJS.Timeout | undefined;

  async function open(): Promise<void> {
    const own = new pg.Client({
      connectionString,
      connectionTimeoutMillis: CONNECT_MS,
      query_timeout: CONNECT_MS,
      application_name: "sluice",
    });
    client = own;
    let hasEnded = false;
    const reopen = () => {
      if (hasEnded) return;
      hasEnded = true;
      clearInterval(looks);
      own.end().catch(() => undefined);
      if (!closed) again = setTimeout(() => void open(), AGAIN_MS).unref();
    };
    own.on("error", reopen);
    own.on("end", reopen);
    own.on("notification", ({ channel, payload }) => channels[channel]?.heard(payload ?? ""));
    const looks = setInterval(() => void own.query("select 1").catch(reopen), LOOK_MS).unref();
    try {
      await own.connect();
      for (const channel of Object.keys(channels)) await own.query(`listen ${own.escapeIdentifier(channel)}`);
      for (const ears of Object.values(channels)) ears.missed();
    } catch {
      reopen();
    }
  }

  void open();
  return {
    async close() {
      closed = true;
      clearTimeout(again);
      await client?.end().catch(() => undefined);
    },
  };
}

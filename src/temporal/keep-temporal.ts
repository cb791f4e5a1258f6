import { Client, type Connection } from "@temporalio/client";
import { connectTemporal, type TemporalAddress, temporalSettings } from "./connect.ts";
import { temporalError } from "./temporal-error.ts";

/** A connection that is opened when it is first needed, and then kept. */
export interface KeptTemporal {
  /** Fails with `unavailable`, saying where Temporal was looked for; the next use looks again. */
  use<T>(work: (client: Client) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

/** Keeps a connection to Temporal for a process that asks it now and then, for as long as it lives. */
export function keepTemporal(address: TemporalAddress): KeptTemporal {
  let kept: Promise<Connection> | undefined;
  return {
    async use(work) {
      const settings = temporalSettings(address);
      const connection = await (kept ??= connectTemporal(settings).catch((error: unknown) => {
        kept = undefined;
        throw error;
      }));
      const { namespace } = settings;
      try {
        return await work(new Client({ connection, namespace }));
      } catch (error) {
        throw temporalError(error, settings);
      }
    },
    async close() {
      const connection = await kept?.catch(() => undefined);
      kept = undefined;
      await connection?.close();
    },
  };
}

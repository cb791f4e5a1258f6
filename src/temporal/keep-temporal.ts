import { Client, type Connection } from "@temporalio/client";
import { SluiceError, unavailable } from "../domain/errors.ts";
import { connectTemporal, type TemporalAddress, temporalSettings } from "./connect.ts";
import { temporalError } from "./temporal-error.ts";

/** A connection that is opened when it is first needed, and then kept. */
export interface KeptTemporal {
  /** Fails with what keeps this process from Temporal, in one line. The next use looks again. */
  use<T>(work: (client: Client) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

/** What is said of it when this process cannot reach Temporal, or is not let in. */
export type ExplainTrouble = (error: unknown) => unknown;

/** Keeps a connection to Temporal for a process that asks it now and then, for as long as it lives. */
export function keepTemporal(
  address: TemporalAddress,
  explain: ExplainTrouble = (error) => error,
): KeptTemporal {
  let kept: Promise<Connection> | undefined;
  async function connected() {
    const settings = temporalSettings(address);
    const connection = await (kept ??= connectTemporal(settings).catch((error: unknown) => {
      kept = undefined;
      throw error;
    }));
    return { settings, connection };
  }
  return {
    async use(work) {
      const { settings, connection } = await connected().catch((error: unknown) => {
        throw explain(error);
      });
      try {
        return await work(new Client({ connection, namespace: settings.namespace }));
      } catch (error) {
        const known = temporalError(error, settings);
        throw known === error ? error : explain(known);
      }
    },
    async close() {
      const connection = await kept?.catch(() => undefined);
      kept = undefined;
      await connection?.close();
    },
  };
}

/**
 * For a process that does what others ask: `unavailable`, whatever it is. A key of this process that is refused, or a
 * namespace that is not there, is nothing that they could mend; its cause is for whoever keeps the process.
 */
export function ownTrouble(error: unknown): unknown {
  if (!(error instanceof SluiceError) || error.code === "unavailable") return error;
  return unavailable(
    "Temporal does not let this process in, or its settings are wrong: whoever keeps it finds the cause in its log",
    {},
    error,
  );
}

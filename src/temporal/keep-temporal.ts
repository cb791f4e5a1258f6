import { Client, type Connection } from "@temporalio/client";
import { SluiceError, unavailable } from "../domain/errors.ts";
import { connectTemporal, type TemporalAddress, temporalSettings } from "./connect.ts";
import { temporalError } from "./temporal-error.ts";

/** A connection that is opened when it is first needed, and then kept. */
export interface KeptTemporal {
  /**
   * Fails with `unavailable`, whatever keeps this process from Temporal: a key that is refused here, or a namespace that
   * is not there, is nothing that whoever asks could mend. The next use looks again.
   */
  use<T>(work: (client: Client) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

/** Keeps a connection to Temporal for a process that asks it now and then, for as long as it lives. */
export function keepTemporal(address: TemporalAddress): KeptTemporal {
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
        throw ownTrouble(error);
      });
      try {
        return await work(new Client({ connection, namespace: settings.namespace }));
      } catch (error) {
        const known = temporalError(error, settings);
        throw known === error ? error : ownTrouble(known);
      }
    },
    async close() {
      const connection = await kept?.catch(() => undefined);
      kept = undefined;
      await connection?.close();
    },
  };
}

/** Its cause is for whoever keeps this process, and not for whoever asked it for something. */
function ownTrouble(error: unknown): unknown {
  if (!(error instanceof SluiceError) || error.code === "unavailable") return error;
  return unavailable(
    "Temporal does not let this process in, or its settings are wrong: whoever keeps it finds the cause in its log",
    {},
    error,
  );
}

import type { ListenAddress } from "../domain/addresses/listen-address.ts";
import { messageOf } from "../domain/errors.ts";
import { openDatabase } from "../storage/database.ts";
import { storeGauges } from "../storage/read/store-gauges.ts";
import type { Part } from "./count-happenings.ts";
import { serveMetrics } from "./serve-metrics.ts";

/** A scrape that has no answer by then is worth none. */
const QUERY_MS = 4_000;

export interface StoreMetricsOptions {
  readonly part: Part;
  readonly listen: ListenAddress;
  /** Told where they are, or why they are not served. */
  readonly log: (line: string) => void;
  /** Where Temporal's SDK serves its own. */
  readonly temporal?: string | undefined;
  /** Of a part that has no routes: whether it does its work. */
  readonly isReady?: (() => boolean) | undefined;
}

/** Serves what this process counts and what its store holds. Where that is not possible it says so: nothing else depends on it. */
export async function serveStoreMetrics(
  databaseUrl: string,
  { part, listen, log, temporal, isReady }: StoreMetricsOptions,
): Promise<{ close(): Promise<void> } | undefined> {
  // Of its own: when all connections of the others are taken is when somebody wants to see it.
  const db = openDatabase(databaseUrl, { max: 1, connectTimeoutMs: QUERY_MS, queryTimeoutMs: QUERY_MS });
  try {
    const served = await serveMetrics({
      ...listen,
      part,
      isReady,
      readStore: () => storeGauges(db),
      ...(temporal !== undefined && { temporal: async () => (await fetch(temporal)).text() }),
    });
    log(`served at ${served.url}`);
    return {
      async close() {
        served.close();
        await db.destroy();
      },
    };
  } catch (error) {
    await db.destroy();
    log(
      `not served: ${messageOf(error)}; SLUICE_METRICS_LISTEN names another address, or is "off" where nobody reads them`,
    );
    return undefined;
  }
}

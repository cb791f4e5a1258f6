import type { Measured } from "./model.ts";

/** On two cores that other work shared: processor times count, not waits. */
export const MEASURED: Measured = {
  lookWorkerMs: 9.8,
  lookPostgresMs: 6.9,
  workerMb: 311,
  workerCanaries: 200,
  outcomePostgresUs: 41,
  outcomeServerUs: 6.8,
  streamKb: 16,
  outcomeBytes: 290,
  lookBytes: 5_900,
};

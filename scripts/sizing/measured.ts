import type { Measured } from "./model.ts";

/** On two cores that other work shared: processor times count, not waits. */
export const MEASURED: Measured = {
  lookWorkerMs: 10.3,
  lookPostgresMs: 11.2,
  workerMb: 639,
  workerCanaries: 200,
  outcomePostgresUs: 41,
  outcomeServerUs: 6.8,
  streamKb: 16,
  outcomeBytes: 290,
  lookBytes: 5_900,
};

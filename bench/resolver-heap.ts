import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

let gc: (() => void) | undefined;

/** Collects garbage, twice, so that what the first time only freed is given back too. */
export function collect(): void {
  if (gc === undefined) {
    setFlagsFromString("--expose-gc");
    gc = runInNewContext("gc") as () => void;
  }
  gc();
  gc();
}

/** Bytes in use after a collection. */
export function heapInUse(): number {
  collect();
  return process.memoryUsage().heapUsed;
}

import { fileURLToPath } from "node:url";

/** What a worker runs: TypeScript in a checkout, JavaScript in a release, as this file is. */
export const WORKER_MAIN = fileURLToPath(
  new URL(`../../../workers/main${import.meta.url.slice(-3)}`, import.meta.url),
);

/**
 * What Node is told for it. Workflows leave much garbage: with 4 MB instead of 16 for objects that are young, a worker
 * with 200 canaries takes 320 MB instead of 460, for about a tenth more of its processor time (`npm run bench -- sizing`).
 */
export const WORKER_FLAGS: readonly string[] = ["--max-semi-space-size=4"];

import { spawnSync } from "node:child_process";
import type { ProofOptions } from "../prove.ts";

const TEST = "test/server/relay/cut-off.it.test.ts";

/** That a relay stands 1,000 requests that were made up to do harm, of another seed, with its server there and away. */
export function prove({ minutes, seed }: ProofOptions): boolean {
  const { status } = spawnSync("npx", ["vitest", "run", TEST, "-t", "made up to do harm"], {
    env: { ...process.env, RELAY_HOSTILE: "1000", RELAY_HOSTILE_SEED: String(seed) },
    stdio: "inherit",
    timeout: minutes * 60_000,
  });
  return status === 0;
}

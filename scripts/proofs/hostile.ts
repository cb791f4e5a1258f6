import { spawnSync } from "node:child_process";
import type { ProofOptions } from "../prove.ts";

const INPUTS = 1_000;
const RUNS = [
  ["unit", "test/hostile/doors.test.ts"],
  ["integration", "test/hostile/store-doors.it.test.ts"],
] as const;

/**
 * 1,000 inputs of this seed that were made up to do harm, for each of prompt files, policies, datasets, command lines,
 * tokens, rows of the store, snapshots and batches: none crashes or hangs what takes it, shows a stack trace or an escape of
 * the terminal, or leaves half of itself behind.
 */
export function prove({ minutes, seed }: ProofOptions): boolean {
  const env = {
    ...process.env,
    HOSTILE_INPUTS: String(INPUTS),
    HOSTILE_SEED: String(seed * INPUTS),
  };
  return RUNS.every(([project, file]) => {
    const words = ["vitest", "run", "--project", project, "--testTimeout", String(minutes * 60_000), file];
    return spawnSync("npx", words, { env, stdio: "inherit", timeout: minutes * 60_000 }).status === 0;
  });
}

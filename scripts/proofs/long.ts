import { spawnSync } from "node:child_process";
import { join } from "node:path";
import type { ProofOptions } from "../prove.ts";

const ROOT = join(import.meta.dirname, "../..");

/** The tests that kill, wait or repeat for many seconds, which `npm test` leaves out; words name some of the files. */
export function prove({ words }: ProofOptions): boolean {
  const vitest = join(ROOT, "node_modules/vitest/vitest.mjs");
  const { status } = spawnSync(process.execPath, [vitest, "run", "--tags-filter=long", ...words], {
    cwd: ROOT,
    stdio: "inherit",
  });
  return status === 0;
}

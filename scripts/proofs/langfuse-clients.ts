import { spawnSync } from "node:child_process";
import type { ProofOptions } from "../prove.ts";

/**
 * That every client of Langfuse which is known takes part in a canary by its base URL and keys, and that tools which read
 * its prompts (LiteLLM, promptfoo) get what is served: the test of the newest client, with all of them. They come from
 * PyPI and npm, into a cache outside the checkout.
 */
export function prove({ minutes }: ProofOptions): boolean {
  const { status } = spawnSync("npx", ["vitest", "run", "test/server/langfuse/clients.it.test.ts"], {
    env: { ...process.env, LANGFUSE_CLIENTS: "all" },
    stdio: "inherit",
    timeout: minutes * 60_000,
  });
  return status === 0;
}

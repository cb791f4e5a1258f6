import { rm } from "node:fs/promises";
import { join } from "node:path";
import { readPlace } from "../../src/local/postgres/postgres-place.ts";

/** Removes a folder in which `sluice dev` has run, and what it keeps elsewhere where Postgres may not enter it. */
export async function removeStack(folder: string): Promise<void> {
  const elsewhere = readPlace(join(folder, ".sluice", "postgres"));
  if (elsewhere !== undefined) await rm(elsewhere, { recursive: true, force: true });
  await rm(folder, { recursive: true, force: true });
}

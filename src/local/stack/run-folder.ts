import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { isRunning } from "../processes/process-identity.ts";
import { type FolderClaim, claimFolder, readClaim, stopSurvivor } from "../processes/folder-claim.ts";
import { readPlace } from "../postgres/postgres-place.ts";

/** A folder for one run (of the demo, of the tests): whatever is in it goes when the run ends. */
export interface RunFolder {
  readonly path: string;
  /** Removes the folder. The servers in it must have been stopped. */
  remove(): void;
}

/**
 * Makes a folder for this run under `parent`, and clears what runs before it left there when they were
 * killed: their servers are stopped, their folders removed. Runs that are still going on are not touched.
 */
export async function createRunFolder(parent: string): Promise<RunFolder> {
  mkdirSync(parent, { recursive: true });
  await clearDeadRuns(parent);
  const path = mkdtempSync(join(parent, "run-"));
  // Started by root, Postgres runs as another user, who must be able to pass; what is secret is so by itself.
  chmodSync(path, 0o755);
  const claim: FolderClaim = await claimFolder(path, "A run");
  return {
    path,
    remove() {
      removeRun(path);
      claim.release();
    },
  };
}

/** Stops the servers of runs whose process is gone, and removes their folders. */
export async function clearDeadRuns(parent: string): Promise<void> {
  for (const name of foldersIn(parent)) {
    const run = join(parent, name);
    const claim = readClaim(run);
    if (!name.startsWith("run-") || (claim ? isRunning(claim.owner) : !isOld(run))) continue;
    for (const part of foldersIn(run)) await stopSurvivor(join(run, part));
    removeRun(run);
  }
}

/** Without a claim it is a run that is just being made, unless it is older than that takes. */
function isOld(run: string): boolean {
  try {
    return Date.now() - statSync(run).mtimeMs > 60_000;
  } catch {
    return false;
  }
}

function removeRun(run: string): void {
  for (const part of foldersIn(run)) {
    const elsewhere = readPlace(join(run, part));
    if (elsewhere !== undefined) rmSync(elsewhere, { recursive: true, force: true });
  }
  rmSync(run, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 });
}

function foldersIn(folder: string): string[] {
  try {
    return readdirSync(folder, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map((entry) => entry.name);
  } catch {
    return [];
  }
}

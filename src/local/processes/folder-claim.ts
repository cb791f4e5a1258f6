import {
  linkSync,
  mkdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { SluiceError, conflict } from "../../domain/errors.ts";
import { type ProcessIdentity, commandLine, identifyProcess, isRunning } from "./process-identity.ts";
import { type StopStep, stopProcess } from "./stop-process.ts";

/**
 * A folder that one process uses at a time, and what that process started in it. Written down so that
 * the next one can clear away what is left when the first was killed and could not do so itself.
 */
export interface ClaimRecord {
  readonly owner: ProcessIdentity;
  /** Where the owner's pid counts, on Linux: another container's or the host's says nothing here. */
  readonly namespace?: string | undefined;
  /** The server that was started, what its command line must contain to be ours, and how to stop it. */
  readonly child?: {
    readonly identity: ProcessIdentity;
    readonly mark: string;
    readonly stop: readonly StopStep[];
  };
}

export interface FolderClaim {
  /** Writes down a child. Synchronous: nothing may come between the start of a child and its record. */
  recordChild(pid: number, mark: string, stop: readonly StopStep[]): ProcessIdentity | undefined;
  release(): void;
}

const FILE = "owner.json";
/** How often an owner shows that it is there, and after how long without that it is gone, for others. In ms. */
const SIGN_MS = 2_000;
const GONE_MS = 15_000;

/**
 * Takes a folder (creating it) for this process. A survivor of an owner that is gone is stopped first.
 * Fails with `conflict` while another process, or this one, is using the folder.
 */
export async function claimFolder(folder: string, what: string): Promise<FolderClaim> {
  mkdirSync(folder, { recursive: true });
  const owner = identifyProcess(process.pid);
  if (owner === undefined) throw new Error("this process cannot be found in the process table");
  const namespace = pidNamespace();
  const file = join(folder, FILE);
  for (let attempt = 0; ; attempt++) {
    if (create(file, { owner, namespace })) break;
    const found = readClaim(folder);
    if (attempt > 20 || (found && isInUse(found, file)))
      throw conflict(
        `${what} in ${folder} is in use by process ${found?.owner.pid ?? "?"}; stop that one first (Ctrl-C in its terminal)`,
        { folder, pid: found?.owner.pid },
      );
    await stopSurvivor(folder);
    discard(file, found);
  }
  const signs = setInterval(() => touch(file), SIGN_MS);
  signs.unref();
  return {
    recordChild(pid, mark, stop) {
      const identity = identifyProcess(pid);
      if (identity) replace(file, { owner, namespace, child: { identity, mark, stop } });
      return identity;
    },
    release() {
      clearInterval(signs);
      if (readClaim(folder)?.owner.started === owner.started) rmSync(file, { force: true });
    },
  };
}

/** By its pid where pids are the same; by its signs where it is in another container, or on the host. */
function isInUse({ owner, namespace }: ClaimRecord, file: string): boolean {
  if (namespace === undefined || namespace === pidNamespace()) return isRunning(owner);
  try {
    return Date.now() - statSync(file).mtimeMs < GONE_MS;
  } catch {
    return false;
  }
}

/** Whose numbers pids are: the system's, or a container's of their own. */
function pidNamespace(): string | undefined {
  try {
    return readlinkSync("/proc/self/ns/pid");
  } catch {
    return undefined;
  }
}

function touch(file: string): void {
  try {
    utimesSync(file, new Date(), new Date());
  } catch {
    // Cleared away: there is nothing to show any more.
  }
}

/** Like {@link claimFolder}, but waits while another process has the folder; `onWait` hears of it once. */
export async function claimWhenFree(
  folder: string,
  what: string,
  onWait: (pid: number) => void,
  signal?: AbortSignal,
): Promise<FolderClaim> {
  for (let isRepeated = false; ; isRepeated = true) {
    try {
      return await claimFolder(folder, what);
    } catch (error) {
      if (!(error instanceof SluiceError && error.code === "conflict")) throw error;
      if (!isRepeated) onWait(Number(error.details["pid"]));
      await delay(250, undefined, signal && { signal });
    }
  }
}

/** Who has the folder, or undefined when nobody has (or the file is damaged). */
export function readClaim(folder: string): ClaimRecord | undefined {
  try {
    return JSON.parse(readFileSync(join(folder, FILE), "utf8")) as ClaimRecord;
  } catch {
    return undefined;
  }
}

/** Stops the child that a claim names, if that very process still runs and its command line shows it is ours. */
export async function stopSurvivor(folder: string): Promise<void> {
  const claim = readClaim(folder);
  const child = claim?.child;
  // In another container the number is somebody else's.
  if (claim?.namespace !== undefined && claim.namespace !== pidNamespace()) return;
  if (!child || !isRunning(child.identity)) return;
  if (!commandLine(child.identity.pid)?.includes(child.mark)) return;
  await stopProcess(child.identity, child.stop);
}

/** Creates the file whole or not at all; false when there is one already. */
function create(file: string, record: ClaimRecord): boolean {
  const draft = write(file, record);
  try {
    linkSync(draft, file);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  } finally {
    rmSync(draft, { force: true });
  }
}

function replace(file: string, record: ClaimRecord): void {
  renameSync(write(file, record), file);
}

function write(file: string, record: ClaimRecord): string {
  const draft = `${file}.${process.pid}`;
  writeFileSync(draft, JSON.stringify(record));
  return draft;
}

/** Removes a dead owner's file. Of two processes that do so at once, none removes the other's new claim. */
function discard(file: string, expected: ClaimRecord | undefined): void {
  const aside = `${file}.stale-${process.pid}`;
  try {
    renameSync(file, aside);
  } catch {
    return;
  }
  const text = readFileSync(aside, "utf8");
  if (expected !== undefined && text !== JSON.stringify(expected)) {
    try {
      linkSync(aside, file);
    } catch {
      // A third process was faster; its claim stands and the next attempt sees it.
    }
  }
  rmSync(aside, { force: true });
}

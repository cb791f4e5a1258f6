import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { invalidInput } from "../../domain/errors.ts";
import { type ProcessIdentity, identifyProcess, isRunning } from "../processes/process-identity.ts";

/** Where the parts of a running `sluice dev` (or `demo`) are, for commands in the same directory. */
export interface DevState {
  readonly databaseUrl: string;
  readonly temporalAddress: string;
  readonly uiUrl: string;
  /** The HTTP server, and an admin's key to it; absent in the file of an older Sluice. */
  readonly serverUrl?: string;
  readonly serverKey?: string;
  /** The scripted model server, without `/v1`; absent when it was not started. */
  readonly modelServerUrl?: string;
  /** The processes behind it, by what they are: postgres, temporal, worker… */
  readonly pids: Readonly<Record<string, number>>;
}

interface StoredState extends DevState {
  readonly owner: ProcessIdentity;
}

export function devStateFile(directory: string): string {
  return join(directory, ".sluice", "dev.json");
}

/**
 * The running `sluice dev` of a directory, or undefined when none runs: the file of one that was killed
 * counts as none. A file that cannot be read as one is `invalid_input`.
 */
export function readDevState(directory: string): DevState | undefined {
  const stored = readStored(directory);
  return stored && isRunning(stored.owner) ? stored : undefined;
}

/** Says that this process runs the parts. Readable by its user alone: the file holds the database's password and a key. */
export function writeDevState(directory: string, state: DevState): void {
  const file = devStateFile(directory);
  const owner = identifyProcess(process.pid);
  mkdirSync(dirname(file), { recursive: true });
  const draft = `${file}.${process.pid}`;
  writeFileSync(draft, `${JSON.stringify({ ...state, owner }, null, 2)}\n`, { mode: 0o600 });
  renameSync(draft, file);
}

/** Takes back what this process wrote; another process's file stays. */
export function removeDevState(directory: string): void {
  if (readStored(directory)?.owner.pid === process.pid) rmSync(devStateFile(directory), { force: true });
}

function readStored(directory: string): StoredState | undefined {
  const file = devStateFile(directory);
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch {
    return undefined;
  }
  try {
    const state = JSON.parse(text) as StoredState;
    if (typeof state.databaseUrl === "string" && typeof state.owner.pid === "number") return state;
  } catch {
    // Said below.
  }
  throw invalidInput(`${file} is damaged; remove it and start \`sluice dev\` again`, { file });
}

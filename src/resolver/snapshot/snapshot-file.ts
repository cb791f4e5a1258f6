import { hash, randomUUID } from "node:crypto";
import { open, readdir, readFile, rename, rm, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import type { ScopeColumns } from "../../domain/scope.ts";
import { withFileLock } from "./file-lock.ts";
import type { SourceVersion } from "../sources/source.ts";
import { messageOf } from "../../domain/errors.ts";

/** What a snapshot keeps of a pointer: what it serves, and nothing that a lease would have to guard. */
export interface SavedPointer extends ScopeColumns {
  readonly activeVersion: string;
  readonly revision: number;
}

export interface Snapshot {
  readonly pointers: readonly SavedPointer[];
  readonly versions: readonly SourceVersion[];
}

const FORMAT = 1;
const HEAD = /^\{"sluiceSnapshot":(\d+),"sha256":"([0-9a-f]{64})","body":/;

/** The file's text: valid JSON, with the hash of the body's own text before it. */
export function snapshotText(snapshot: Snapshot): string {
  const body = JSON.stringify(snapshot);
  return `{"sluiceSnapshot":${FORMAT},"sha256":"${hash("sha256", body, "hex")}","body":${body}}\n`;
}

/** The snapshot in a text, or what is wrong with it. One that was cut, edited or reformatted is not used. */
export function parseSnapshot(text: string): Snapshot | string {
  const head = HEAD.exec(text);
  if (!head) return "it is not a snapshot of Sluice's";
  if (Number(head[1]) !== FORMAT) return `it is of format ${head[1]}, this Sluice reads format ${FORMAT}`;
  const body = text.slice(head[0].length).trimEnd().slice(0, -1);
  if (hash("sha256", body, "hex") !== head[2]) return "it has been cut or changed: its hash does not match";
  const snapshot = JSON.parse(body) as Snapshot;
  if (!Array.isArray(snapshot?.pointers) || !Array.isArray(snapshot.versions)) return "it has no pointers";
  return snapshot.pointers.every(isPointer) && snapshot.versions.every(isVersion)
    ? snapshot
    : "a pointer or version in it is of another form";
}

const POINTER_TEXTS = ["label", "prompt", "model", "tenant", "activeVersion"] as const;

function isPointer(pointer: Partial<SavedPointer> | null): boolean {
  if (typeof pointer !== "object" || pointer === null) return false;
  return (
    typeof pointer.revision === "number" && POINTER_TEXTS.every((name) => typeof pointer[name] === "string")
  );
}

/** Its artifact is looked at when it is loaded. */
function isVersion(version: Partial<SourceVersion> | null): boolean {
  return typeof version?.id === "string" && typeof version.sha256 === "string";
}

/** Undefined where there is no file yet; a string says why one cannot be used. */
export async function readSnapshot(path: string): Promise<Snapshot | string | undefined> {
  return (await readSnapshotFile(path)).snapshot;
}

interface ReadFile {
  readonly snapshot: Snapshot | string | undefined;
  /** What tells it from the file that another process puts in its place. */
  readonly identity: string;
}

async function readSnapshotFile(path: string): Promise<ReadFile> {
  const identity = await identityOf(path);
  try {
    return { snapshot: parseSnapshot(await readFile(path, "utf8")), identity };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return { snapshot: undefined, identity };
    return { snapshot: messageOf(error), identity };
  }
}

async function identityOf(path: string): Promise<string> {
  return fileIdentity(path).catch(() => "");
}

/** What tells a file from the one that is put in its place. Fails where there is none. */
export async function fileIdentity(path: string): Promise<string> {
  const { dev, ino, mtimeNs, size } = await stat(path, { bigint: true });
  return [dev, ino, mtimeNs, size].join(":");
}

/**
 * Replaces the file by what `merge` makes of it, unless that is what it holds already; answers with what it
 * holds then. Several processes may do so at once. The file is written beside and moved into place, so a
 * reader sees the old one or the new one, also after a crash.
 */
export async function updateSnapshot(
  path: string,
  merge: (there: Snapshot | undefined) => Snapshot,
): Promise<Snapshot> {
  return withFileLock(`${path}.lock`, async () => {
    for (;;) {
      const { snapshot, identity } = await readSnapshotFile(path);
      const there = typeof snapshot === "string" ? undefined : snapshot;
      const merged = merge(there);
      const text = snapshotText(merged);
      if (there && text === snapshotText(there)) return merged;
      // Only where the lock was taken from this process, which had been frozen, is it another one by now.
      if (await replace(path, text, async () => (await identityOf(path)) === identity)) return merged;
    }
  });
}

/** Moves the new text into place if, right before, `isMine` still holds. */
async function replace(path: string, text: string, isMine: () => Promise<boolean>): Promise<boolean> {
  // Not the process id: in containers every process is number 1.
  const draft = `${path}.${randomUUID()}.new`;
  try {
    const file = await open(draft, "wx", 0o600);
    try {
      await file.writeFile(text);
      await file.sync();
    } finally {
      await file.close();
    }
    if (await isMine()) {
      await rename(draft, path);
      return true;
    }
  } catch (error) {
    await rm(draft, { force: true }).catch(() => undefined);
    throw error;
  }
  await rm(draft, { force: true });
  return false;
}

const DRAFT_NAME = /^(?:[0-9a-f-]{36}|\d+)\.new$/;
/** Older than any that a living process may still be writing. */
const OLD_DRAFT_MS = 600_000;

/** Removes the drafts that processes left behind when they were killed while writing. */
export async function removeOldDrafts(path: string): Promise<void> {
  const folder = dirname(path);
  const start = `${basename(path)}.`;
  const names = await readdir(folder).catch(() => []);
  for (const name of names) {
    if (!name.startsWith(start) || !DRAFT_NAME.test(name.slice(start.length))) continue;
    const draft = join(folder, name);
    const found = await stat(draft).catch(() => undefined);
    if (found && Date.now() - found.mtimeMs > OLD_DRAFT_MS)
      await rm(draft, { force: true }).catch(() => undefined);
  }
}

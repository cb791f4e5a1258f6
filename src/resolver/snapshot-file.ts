import { hash } from "node:crypto";
import { open, readFile, rename, rm } from "node:fs/promises";
import type { ScopeColumns } from "../domain/scope.ts";
import type { SourceVersion } from "./sources/source.ts";

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
  return JSON.parse(body) as Snapshot;
}

/** Undefined where there is no file yet; a string says why one cannot be used. */
export async function readSnapshot(path: string): Promise<Snapshot | string | undefined> {
  try {
    return parseSnapshot(await readFile(path, "utf8"));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    return error instanceof Error ? error.message : String(error);
  }
}

/** Written beside and moved into place: a reader sees the old one or the new one, also after a crash. */
export async function writeSnapshotText(path: string, text: string): Promise<void> {
  const draft = `${path}.${process.pid}.new`;
  try {
    const file = await open(draft, "w", 0o600);
    try {
      await file.writeFile(text);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(draft, path);
  } catch (error) {
    await rm(draft, { force: true }).catch(() => undefined);
    throw error;
  }
}

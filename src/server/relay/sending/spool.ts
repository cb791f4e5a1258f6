import { type FileHandle, mkdir, open, readdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { messageOf, unavailable } from "../../../domain/errors.ts";
import { readSpoolLine, spoolLine, wholeLines } from "./spool-line.ts";

export const MOST_SPOOLED_BYTES = 256 << 20;
/** A file is followed by another one when it has grown to this. */
const FILE_BYTES = 4 << 20;
/** And begun anew where all that it holds has been sent. */
const SENT_FILE_BYTES = 64 << 10;
const FILE_NAME = /^(\d{12})\.spool$/;

interface SpoolFile {
  readonly path: string;
  readonly handle: FileHandle;
  size: number;
  /** Lines that have not been sent. */
  left: number;
}

/** Where something is that is kept. */
export interface Spooled {
  readonly file: SpoolFile;
  readonly at: number;
  readonly length: number;
}

interface Waiting {
  readonly line: Buffer;
  readonly resolve: (spooled: Spooled) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Keeps texts on disk, in order, until they are sent. What has been added outlives this process and the machine's
 * power. After a crash some of what was sent may be there still, and is sent again.
 */
export class Spool {
  readonly #folder: string;
  readonly #mostBytes: number;
  readonly #files = new Set<SpoolFile>();
  #current: SpoolFile | undefined;
  #nextNumber = 1;
  #waiting: Waiting[] = [];
  #waitingBytes = 0;
  #writing: Promise<void> | undefined;

  private constructor(folder: string, mostBytes: number) {
    this.#folder = folder;
    this.#mostBytes = mostBytes;
  }

  /** Opens a folder, and finds what was left there, the oldest first. Lines that were cut are counted. */
  static async open(
    folder: string,
    mostBytes: number = MOST_SPOOLED_BYTES,
  ): Promise<{ readonly spool: Spool; readonly left: readonly Spooled[]; readonly damaged: number }> {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const spool = new Spool(folder, mostBytes);
    const left: Spooled[] = [];
    let damaged = 0;
    for (const name of (await readdir(folder)).filter((one) => FILE_NAME.test(one)).toSorted()) {
      const found = await spool.#openOld(name);
      left.push(...found.left);
      damaged += found.damaged;
    }
    return { spool, left, damaged };
  }

  async #openOld(name: string): Promise<{ left: Spooled[]; damaged: number }> {
    const path = join(this.#folder, name);
    this.#nextNumber = Number(FILE_NAME.exec(name)![1]) + 1;
    const content = await readFile(path);
    const { lines, damaged } = wholeLines(content);
    if (lines.length === 0) await rm(path);
    else {
      const file = { path, handle: await open(path, "r"), size: content.length, left: lines.length };
      this.#files.add(file);
      return { left: lines.map((line) => ({ file, ...line })), damaged };
    }
    return { left: [], damaged };
  }

  /** On disk, and about to be. */
  get bytes(): number {
    return [...this.#files].reduce((sum, { size }) => sum + size, this.#waitingBytes);
  }

  /** Keeps a text. `unavailable` where there is no room for it, or it cannot be written. */
  add(text: string): Promise<Spooled> {
    const line = spoolLine(text);
    if (this.bytes + line.length > this.#mostBytes)
      return Promise.reject(
        unavailable("too much waits to be sent on to the server already; try again in a moment"),
      );
    this.#waitingBytes += line.length;
    return new Promise((resolve, reject) => {
      this.#waiting.push({ line, resolve, reject });
      this.#writing ??= this.#write();
    });
  }

  /** All that waits is written together, and waited for once. */
  async #write(): Promise<void> {
    // What comes in the same turn of the event loop is written with it.
    await Promise.resolve();
    while (this.#waiting.length > 0) {
      const batch = this.#waiting;
      this.#waiting = [];
      const bytes = Buffer.concat(batch.map(({ line }) => line));
      try {
        const file = (this.#current ??= await this.#create());
        let at = file.size;
        // All of it or a failure, where a single `write` may end with a part; nothing else is written to the file.
        await file.handle.appendFile(bytes);
        await file.handle.datasync();
        file.size += bytes.length;
        file.left += batch.length;
        for (const { line, resolve } of batch) {
          resolve({ file, at, length: line.length });
          at += line.length;
        }
        if (file.size >= FILE_BYTES) this.#current = undefined;
      } catch (error) {
        this.#abandon();
        const failed = unavailable(
          `what came cannot be kept until it is sent on (${codeOf(error)})`,
          {},
          error,
        );
        for (const { reject } of batch) reject(failed);
      } finally {
        this.#waitingBytes -= bytes.length;
      }
    }
    // In the same turn as the last look at what waits: what comes after it begins another.
    this.#writing = undefined;
  }

  /** What could not be written whole was promised to nobody; another file begins. */
  #abandon(): void {
    const file = this.#current;
    this.#current = undefined;
    if (!file) return;
    file.handle.truncate(file.size).catch(() => undefined);
    if (file.left === 0) void this.#remove(file);
  }

  async #create(): Promise<SpoolFile> {
    const path = join(this.#folder, `${String(this.#nextNumber++).padStart(12, "0")}.spool`);
    const handle = await open(path, "wx+", 0o600);
    await syncFolder(this.#folder);
    const file = { path, handle, size: 0, left: 0 };
    this.#files.add(file);
    return file;
  }

  /** The text; undefined where the disk gives something else back than it was given. */
  async read({ file, at, length }: Spooled): Promise<string | undefined> {
    const line = Buffer.alloc(length);
    await file.handle.read(line, 0, length, at);
    return readSpoolLine(line.subarray(0, -1));
  }

  /** It has been sent, or never can be. */
  done({ file }: Spooled): void {
    file.left--;
    if (file.left > 0) return;
    if (file === this.#current) {
      // What is being written goes there too.
      if (this.#writing || file.size < Math.min(SENT_FILE_BYTES, this.#mostBytes / 8)) return;
      this.#current = undefined;
    }
    void this.#remove(file);
  }

  async #remove(file: SpoolFile): Promise<void> {
    this.#files.delete(file);
    await file.handle.close().catch(() => undefined);
    await rm(file.path, { force: true }).catch(() => undefined);
  }

  /** What has not been sent stays. */
  async close(): Promise<void> {
    await this.#writing;
    await Promise.all(
      [...this.#files].map((file) => (file.left === 0 ? this.#remove(file) : file.handle.close())),
    );
  }
}

/** A new file is there after a power cut only once its folder is written too. */
async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, "r");
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

function codeOf(error: unknown): string {
  return (error as NodeJS.ErrnoException).code ?? messageOf(error);
}

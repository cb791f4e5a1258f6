import { randomUUID } from "node:crypto";
import { mkdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { messageOf, unavailable } from "../../domain/errors.ts";
import type { ContentStore } from "../../storage/contents.ts";

/** Files of a folder that every part sees, by the first two digits of their hash. */
export function folderContents(place: string): ContentStore {
  const folderOf = (sha256: string) => join(place, sha256.slice(0, 2));
  const pathOf = (sha256: string) => join(folderOf(sha256), `${sha256}.json`);
  const failed = (what: string, error: unknown) =>
    unavailable(`${place}, the folder of SLUICE_CONTENTS, ${what} (${messageOf(error)})`, { place });

  /** A folder that is away, as a mount that is not there, is no proof that a file is gone. */
  async function ifThere<T>(work: () => Promise<T>): Promise<T | undefined> {
    try {
      return await work();
    } catch (error) {
      if (!isMissing(error)) throw failed("cannot be read", error);
      await stat(place).catch((away: unknown) => {
        throw failed("is not there", away);
      });
      return undefined;
    }
  }

  return {
    place,
    /** Written beside, and moved into its place: nobody ever reads half of it. */
    async write(sha256, text) {
      const draft = join(folderOf(sha256), `${randomUUID()}.new`);
      try {
        await stat(place);
        await mkdir(folderOf(sha256), { recursive: true });
        await writeFile(draft, text, { flag: "wx", flush: true });
        await rename(draft, pathOf(sha256));
      } catch (error) {
        await rm(draft, { force: true }).catch(() => undefined);
        throw failed("cannot be written to", error);
      }
    },
    read: (sha256) => ifThere(() => readFile(pathOf(sha256), "utf8")),
    has: async (sha256) => (await ifThere(() => stat(pathOf(sha256)))) !== undefined,
    async remove(sha256) {
      await ifThere(() => rm(pathOf(sha256)));
    },
  };
}

function isMissing(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).code === "ENOENT";
}

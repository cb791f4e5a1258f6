import { randomUUID } from "node:crypto";
import { rename, rm, writeFile } from "node:fs/promises";
import { invalidInput } from "../../domain/errors.ts";
import type { BundleAddress } from "./bundle-address.ts";
import type { BundleWriter } from "./bundle-writer.ts";

/** Written beside, and moved into its place: a service that looks meanwhile never reads half of it. */
export function fileBundle({ path, place }: Extract<BundleAddress, { kind: "file" }>): BundleWriter {
  return {
    async write({ text }, signal) {
      const draft = `${path}.${randomUUID()}.new`;
      try {
        await writeFile(draft, text, { signal, flush: true });
        signal.throwIfAborted();
        await rename(draft, path);
      } catch (error) {
        await rm(draft, { force: true }).catch(() => undefined);
        const { code } = error as NodeJS.ErrnoException;
        throw invalidInput(`${place}: cannot be written (${code}); name a file in a folder that exists`, {
          path: place,
        });
      }
    },
    close: () => Promise.resolve(),
  };
}

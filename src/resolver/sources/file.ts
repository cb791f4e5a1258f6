import { invalidInput, messageOf } from "../../domain/errors.ts";
import { fileIdentity, readSnapshot } from "../snapshot/snapshot-file.ts";
import { BundleSource, type HeldBundle, readBundle } from "./bundle.ts";

/** How often the file is looked at, in ms. */
const LOOK_MS = 1_000;

/** A bundle in a file: one that is put in its place is taken over within a second. */
export class FileSource extends BundleSource {
  /** Reads it. One that is absent, cut or changed is `invalid_input`. */
  static async open(path: string): Promise<FileSource> {
    let identity = await identityOf(path);
    const renew = async () => {
      const seen = await fileIdentity(path).catch(() => undefined);
      if (seen === identity) return undefined;
      const held = await read(path);
      identity = seen ?? "";
      return held;
    };
    return new FileSource(nameOf(path), await read(path), renew, LOOK_MS);
  }
}

async function identityOf(path: string): Promise<string> {
  try {
    return await fileIdentity(path);
  } catch (error) {
    throw invalidInput(
      `${nameOf(path)} cannot be read (${(error as NodeJS.ErrnoException).code ?? messageOf(error)})`,
    );
  }
}

async function read(path: string): Promise<HeldBundle> {
  return readBundle(nameOf(path), await readSnapshot(path));
}

function nameOf(path: string): string {
  return `the bundle ${path}`;
}

import { SluiceError } from "../../domain/errors.ts";

export interface BundleToWrite {
  /** The whole file, as `sluice bundle` prints it. */
  readonly text: string;
  readonly sha256: string;
  /** When the store was read for it, in ms since 1970: what is there and was read later stays. */
  readonly readAt: number;
}

/** Writes bundles to one place. Whoever reads there meanwhile gets the old one or the new one. */
export interface BundleWriter {
  /** `conflict` where a bundle is there that was read later; `unavailable` where the place cannot be reached. */
  write(bundle: BundleToWrite, signal: AbortSignal): Promise<void>;
  close(): Promise<void>;
}

export function readLater(place: string, there: number, { readAt }: BundleToWrite): SluiceError {
  return new SluiceError(
    "conflict",
    `${place} has a bundle that was read later (${new Date(there).toISOString()}, this one ${new Date(readAt).toISOString()}); it stays`,
    { place },
  );
}

import type { Protocol } from "../domain/models/vendors.ts";

/** A provider that `sluice.providers.yaml` names. */
export interface ConfiguredProvider {
  readonly protocol: Protocol;
  readonly baseURL: string;
  /** The variable that holds its key; absent: it takes none. */
  readonly keyVariable?: string;
  /** Calls in flight at once. */
  readonly concurrency?: number;
  /** Parameters that are left out of what is sent to it. */
  readonly drops: readonly string[];
  /** Parameters that it has under another name. */
  readonly renames: Readonly<Record<string, string>>;
}

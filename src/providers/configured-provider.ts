import type { Protocol } from "../domain/models/vendors.ts";

/** A provider that `sluice.providers.yaml` names. */
export interface ConfiguredProvider {
  readonly protocol: Protocol;
  readonly baseURL: string;
  /** The variable that holds its key; absent: it takes none. */
  readonly keyVariable?: string;
  /** Calls in flight at once. */
  readonly concurrency?: number;
  /** Of `azure-openai`. */
  readonly azure?: AzureAddressing;
  /** Of `bedrock-anthropic` and `vertex-anthropic`. */
  readonly cloud?: CloudAddressing;
  /** Parameters that are left out of what is sent to it. */
  readonly drops: readonly string[];
  /** Parameters that it has under another name. */
  readonly renames: Readonly<Record<string, string>>;
}

/** How Azure names a model. */
export interface AzureAddressing {
  /** `2026-05-01`: part of each address. */
  readonly apiVersion: string;
  /** Deployments by model; of any other one the deployment has the model's name. */
  readonly deployments: Readonly<Record<string, string>>;
}

/** Where a cloud serves Claude, and what it calls its models. */
export interface CloudAddressing {
  readonly region: string;
  /** Of Google. */
  readonly project?: string;
  /** The cloud's names by model; any other one is asked for by its own name. */
  readonly models: Readonly<Record<string, string>>;
}

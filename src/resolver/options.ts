import type { Attributes } from "../domain/attributes.ts";
import type { Artifact } from "../domain/prompt/artifact.ts";
import type { Provider } from "../domain/models/vendors.ts";
import type { Meter } from "./observing/open-telemetry.ts";
import type { ResolverWarning, WarningCode } from "./observing/warning.ts";
import type { Source } from "./sources/source.ts";
import type { Cell } from "./serving/cell.ts";
import type { TokenOptions } from "./serving/token-counter.ts";

export interface ResolverOptions {
  /** `postgres://…`, `http(s)://…` of a Sluice server, or a {@link Source} of your own. */
  readonly source: string | Source | undefined;
  /** The label that requests ask for unless they name one. Default `production`. */
  readonly label?: string;
  /** What must be in memory before `createResolver` returns, as far as the store answers. */
  readonly preload?: readonly (string | PreloadRequest)[];
  readonly cache?: CacheOptions;
  /** A file that keeps the last known good, for a cold start while the store is unreachable. It carries no lease. */
  readonly snapshotFile?: string;
  /** Served when there is nothing else. Default: a neutral artifact. */
  readonly fallback?: Artifact;
  /** Which model of each vendor the fallback asks. Default: `gpt-5.4-mini` and `claude-haiku-4-5`. */
  readonly fallbackModels?: Readonly<Partial<Record<Provider, string>>>;
  /** Other names of a model, for example `{ "gpt-5.4-mini-2026-03-17": "gpt-5.4-mini" }`. */
  readonly modelAliases?: Readonly<Record<string, string>>;
  /** How often everything in memory is confirmed with the store, in ms. Default 2000, at most 4000. */
  readonly pollMs?: number;
  /** How long a resolve that has nothing to serve waits for the store, in ms. Default 1000. */
  readonly coldTimeoutMs?: number;
  /** How long `createResolver` waits for what it preloads, in ms. Default 5000. */
  readonly preloadTimeoutMs?: number;
  readonly recording?: RecordingOptions;
  readonly tokens?: TokenOptions;
  /** Whether `sluice fleet` lists this resolver, and rollbacks wait for it. Default true. */
  readonly fleet?: boolean;
  /** What `sluice callers` names this service. Default: the host's name, without what tells its copies apart. */
  readonly serviceName?: string;
  /** Whether the store is told what is sent for each prompt: names, types and lengths, never a value. Default true. */
  readonly callers?: boolean;
  /** Told of everything that is not as it should be. Default: a process warning, once a minute a code. */
  readonly onWarning?: (warning: ResolverWarning) => void;
  /** Where metrics go. Default: the service's OpenTelemetry, if it has one. */
  readonly meter?: Meter | false;
}

export interface CacheOptions {
  /** Most requests remembered at once, and most versions. Default 200. */
  readonly max?: number;
  /** After how long unused an entry is forgotten, in ms. Default 300,000. */
  readonly ttlMs?: number;
}

export interface RecordingOptions {
  /** How long something recorded waits for company, in ms. Default 250. */
  readonly flushMs?: number;
  /** Most items sent at once. Default 500. */
  readonly batch?: number;
  /** Most items waiting at once; more are dropped and counted. Default 10,000. */
  readonly queue?: number;
  /** Most units remembered as already exposed. Default 20,000. */
  readonly exposedUnits?: number;
  /** How long `close` tries to send what waits, in ms. Default 5000. */
  readonly closeTimeoutMs?: number;
}

export interface PreloadRequest {
  /** Left out: the default of the `model` (and tenant), whatever prompt it is of. */
  readonly prompt?: string | undefined;
  readonly label?: string | undefined;
  readonly model?: string | undefined;
  readonly tenant?: string | undefined;
}

export interface ResolveRequest extends PreloadRequest {
  /** Who or what stays in its arm: a user or conversation id. Without one nobody is enrolled. */
  readonly unit?: string | Cell | undefined;
  /**
   * What is known of the unit, for a policy's `segments`: `{ language: "de" }`. At most 10 short texts; those of
   * a unit's first exposure hold. Tenant and model need not be repeated.
   */
  readonly attributes?: Attributes | undefined;
  /** This version exactly, whatever the pointers say; no rollout counts it. */
  readonly version?: number | undefined;
}

/** Goes on with what a token says: the same version, arm and rollout, whatever has moved since. */
export interface PinnedRequest {
  /** The `token` of a {@link ResolvedPrompt}. */
  readonly pin: string;
}

/** Parts that are given must match; `null` means the requests without one. */
export interface InvalidateRequest {
  readonly prompt?: string | undefined;
  readonly model?: string | null | undefined;
  readonly tenant?: string | null | undefined;
  readonly label?: string | undefined;
}

export type { ResolverWarning, WarningCode };

/** What is served is at most this much older than the store's; after that `source` says `stale`. In ms. */
export const STALE_AFTER_MS = 5_000;

import { hostname } from "node:os";
import type { Provider } from "../domain/models/vendors.ts";
import { assertLabel } from "../domain/names.ts";
import { DEFAULT_LABEL } from "../domain/scope.ts";
import { invalidInput } from "../domain/errors.ts";
import { shown } from "../domain/text/visible.ts";
import { fallbackVersion, type LoadedVersion } from "./serving/loaded-version.ts";
import { FALLBACK_MODELS, NEUTRAL_ARTIFACT } from "./serving/neutral-artifact.ts";
import type { RecordingOptions, ResolverOptions, ResolverWarning } from "./options.ts";
import { globalMeter, type Meter } from "./observing/open-telemetry.ts";
import { serviceOfHost } from "./recording/service-name.ts";
import { modelAliases, type ModelAliases } from "./serving/read-request.ts";
import type { Source } from "./sources/source.ts";

/** {@link ResolverOptions}, checked, with every default in its place. */
export interface ResolverSettings {
  readonly source: Source;
  readonly label: string;
  readonly max: number;
  readonly ttlMs: number;
  readonly pollMs: number;
  readonly coldTimeoutMs: number;
  readonly preloadTimeoutMs: number;
  readonly aliases: ModelAliases;
  readonly fallback: LoadedVersion;
  readonly fallbackModels: Readonly<Record<Provider, string>>;
  readonly recording: Required<RecordingOptions>;
  readonly fleet: boolean;
  readonly serviceName: string;
  readonly callers: boolean;
  readonly meter: Meter | undefined;
  readonly onWarning: ((warning: ResolverWarning) => void) | undefined;
}

/** Most that a poll may wait: what is served is never older than 5 s while the store answers. */
const MAX_POLL_MS = 4_000;

/** A number that cannot be is `invalid_input`, naming the option. */
export function readSettings(options: ResolverOptions, source: Source): ResolverSettings {
  const { cache = {}, recording = {} } = options;
  return {
    source,
    label: assertLabel(options.label ?? DEFAULT_LABEL),
    max: number("cache.max", cache.max, 200, 1, 1_000_000),
    ttlMs: number("cache.ttlMs", cache.ttlMs, 300_000, 1, Infinity),
    pollMs: number("pollMs", options.pollMs, 2_000, 10, MAX_POLL_MS),
    coldTimeoutMs: number("coldTimeoutMs", options.coldTimeoutMs, 1_000, 1, 60_000),
    preloadTimeoutMs: number("preloadTimeoutMs", options.preloadTimeoutMs, 5_000, 1, 600_000),
    aliases: modelAliases(options.modelAliases),
    fallback: fallbackVersion(options.fallback ?? NEUTRAL_ARTIFACT),
    fallbackModels: { ...FALLBACK_MODELS, ...options.fallbackModels },
    recording: {
      flushMs: number("recording.flushMs", recording.flushMs, 250, 0, 60_000),
      batch: number("recording.batch", recording.batch, 500, 1, 10_000),
      queue: number("recording.queue", recording.queue, 10_000, 1, 10_000_000),
      exposedUnits: number("recording.exposedUnits", recording.exposedUnits, 20_000, 1, 10_000_000),
      closeTimeoutMs: number("recording.closeTimeoutMs", recording.closeTimeoutMs, 5_000, 0, 600_000),
    },
    fleet: options.fleet ?? true,
    serviceName: serviceName(options.serviceName),
    callers: options.callers ?? true,
    meter: options.meter === false ? undefined : (options.meter ?? globalMeter()),
    onWarning: options.onWarning,
  };
}

const SERVICE_NAME = /^[\p{L}\p{N}][\p{L}\p{N} ._/@-]{0,63}$/u;

function serviceName(given: string | undefined): string {
  if (given === undefined) return serviceOfHost(hostname());
  if (typeof given === "string" && SERVICE_NAME.test(given)) return given;
  throw invalidInput(
    `option serviceName: use 1 to 64 letters, digits, spaces and . _ - / @, as in checkout, not ${shown(String(given))}`,
    { option: "serviceName" },
  );
}

function number(
  name: string,
  given: number | undefined,
  fallback: number,
  least: number,
  most: number,
): number {
  if (given === undefined) return fallback;
  if (given >= least && given <= most) return given;
  throw invalidInput(
    `option ${name}: use a number from ${least}${most === Infinity ? "" : ` to ${most}`}, not ${String(given)}`,
    { option: name, given },
  );
}

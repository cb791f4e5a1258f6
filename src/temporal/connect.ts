import { Client, Connection } from "@temporalio/client";
import { loadClientConnectConfig } from "@temporalio/envconfig";
import {
  assertTemporalAddress,
  temporalConfigurationError,
  temporalError,
  temporalUnreachable,
} from "./temporal-error.ts";

export { DEFAULT_TASK_QUEUE as TASK_QUEUE } from "../domain/scope.ts";

export interface TemporalAddress {
  /** Overrides what the environment and the profile say, for example the running `sluice dev`. */
  readonly address?: string | undefined;
  readonly namespace?: string | undefined;
  /** Temporal's own variables, with a secret that was in a file read; the process's where absent. */
  readonly environment?: Readonly<Record<string, string>> | undefined;
  /** The server of a running `sluice dev`: what a profile says of keys and TLS is about another one. */
  readonly local?: boolean | undefined;
  /** Everything there is to know: neither the environment nor a profile is read. */
  readonly settings?: TemporalSettings | undefined;
}

export interface TemporalSettings {
  readonly address: string;
  readonly namespace: string;
  readonly apiKey?: string;
  readonly tls?: unknown;
}

/** Temporal's own environment variables and profile file, read as Temporal defines them. */
export function temporalSettings(override: TemporalAddress = {}): TemporalSettings {
  const { settings } = override;
  if (settings) return { ...settings, address: assertTemporalAddress(settings.address) };
  if (override.local)
    return { address: override.address || "localhost:7233", namespace: override.namespace || "default" };
  const config = clientConfig(override.environment);
  const { connectionOptions } = config;
  return {
    ...(connectionOptions.apiKey !== undefined && { apiKey: connectionOptions.apiKey }),
    ...(connectionOptions.tls !== undefined && { tls: connectionOptions.tls }),
    address: assertTemporalAddress(override.address || connectionOptions.address || "localhost:7233"),
    namespace: override.namespace || config.namespace || "default",
  };
}

function clientConfig(
  environment: TemporalAddress["environment"],
): ReturnType<typeof loadClientConnectConfig> {
  try {
    return loadClientConnectConfig(environment ? { overrideEnvVars: { ...environment } } : {});
  } catch (error) {
    throw temporalConfigurationError(error);
  }
}

/** Runs with a client and closes its connection after. `unavailable` says where Temporal was looked for. */
export async function withTemporal<T>(
  override: TemporalAddress,
  work: (client: Client) => Promise<T>,
): Promise<T> {
  const settings = temporalSettings(override);
  const connection = await connectTemporal(settings);
  try {
    return await work(new Client({ connection, namespace: settings.namespace }));
  } catch (error) {
    throw temporalError(error, settings);
  } finally {
    await connection.close();
  }
}

/** A connection, or `unavailable` within a few seconds. */
export async function connectTemporal(settings: TemporalSettings): Promise<Connection> {
  const { address, apiKey, tls } = settings;
  try {
    return await Connection.connect({
      address,
      connectTimeout: "5s",
      ...(apiKey !== undefined && { apiKey }),
      ...(tls !== undefined && { tls: tls as never }),
    });
  } catch (error) {
    throw await temporalUnreachable(settings, error);
  }
}

/** How long a request may take that needs a worker: without one it would hang. */
export const REQUEST_DEADLINE_MS = 15_000;

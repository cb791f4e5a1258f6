import { readCorsOrigins } from "./access/cors-origins.ts";
import { type IdentitySettings, readIdentitySettings } from "./access/identity-settings.ts";
import { readTrustedProxies } from "./access/trusted-proxies.ts";
import { type LangfuseSettings, readLangfuseSettings } from "./client/importing/langfuse-settings.ts";
import { readServerSettings } from "./client/http/server-settings.ts";
import type { NamedServer } from "./client/http/workload-key.ts";
import { readRequestId } from "./client/request-id.ts";
import { type LogFormat, readLogFormat } from "./telemetry/log-format.ts";
import { invalidInput, unavailable } from "./domain/errors.ts";
import { type ListenAddress, readMetricsListen } from "./domain/addresses/listen-address.ts";
import { type LangfuseAddress, readLangfuseAddress } from "./domain/addresses/langfuse-address.ts";
import { readPostgresAddress } from "./domain/addresses/postgres-address.ts";
import { type RateLimits, readRateLimits } from "./domain/access/rate-limits.ts";
import { readRetention, type RetentionPeriods } from "./domain/retention.ts";
import { readTaskQueue } from "./protocol/task-queue.ts";
import { eachVendor, type Provider } from "./domain/models/vendors.ts";
import { type ProviderConfig, readProvider } from "./providers/provider-config.ts";
import { type ProxySettings, readProxySettings } from "./providers/proxy-settings.ts";
import { namesManager } from "./domain/addresses/managed-secret.ts";
import { readSecretReference } from "./domain/addresses/webhook.ts";
import {
  readDailyUsd,
  readMaxEvaluationUsd,
  readPassRateThreshold,
} from "./evaluation/running/evaluation-settings.ts";
import { cacheFolder } from "./files/cache-folder.ts";
import { readSecretFile } from "./files/secret-file.ts";
import { type HeldSecrets, readPlainSecret, readSecretVariable } from "./files/secret-variable.ts";
import { DEFAULT_LABEL } from "./domain/scope.ts";
import { type KeptBundle, readKeptBundles } from "./outbound/bundles/bundle-address.ts";
import { type CheckpointPlace, readCheckpointPlace } from "./outbound/checkpoint-place.ts";
import { type ContentPlace, readContentPlace } from "./outbound/contents/content-place.ts";
import { fetchSecret } from "./outbound/secrets/fetch-secret.ts";
import { withSecrets } from "./outbound/secrets/with-secrets.ts";
import { type PermittedAddresses, readPermittedAddresses } from "./outbound/permitted-addresses.ts";
import { type CiRunner, readCiRunner } from "./review/runner.ts";
import type { Environment, LocalMachine } from "./local/machine.ts";
import { type DevState, readDevState } from "./local/stack/dev-state.ts";

export type { Environment, LocalMachine };

/** Everything that Sluice takes from outside its arguments. Absent parts are undefined, never empty. */
export interface Config extends Readonly<Record<Provider, ProviderConfig>> {
  /** `postgres://…`; absent when neither DATABASE_URL nor a running `sluice dev` gives one. */
  readonly databaseUrl: string | undefined;
  /** The server that commands go to instead of a database, and the key to it. */
  readonly server: NamedServer | undefined;
  /** The server that a relay stands in front of, with a key in its address. */
  readonly upstream: string | undefined;
  /** The project of Langfuse that prompts are imported from. */
  readonly langfuse: LangfuseSettings;
  /** A Langfuse that a server passes on what its clients report. */
  readonly langfuseForward: LangfuseAddress | undefined;
  /** Where a server listens for notifications, when `databaseUrl` is a pooler's that passes none on. */
  readonly databaseListenUrl: string | undefined;
  /** Where a worker or a server is scraped; undefined: where it usually is. */
  readonly metricsListen: ListenAddress | "off" | undefined;
  /** How a server or a worker writes its log; undefined: as it usually does. */
  readonly logFormat: LogFormat | undefined;
  /** Whether this process makes traces: OpenTelemetry's standard variables name somebody who takes them. */
  readonly makesTraces: boolean;
  /** The trace that a command is part of, as CI systems hand it on. */
  readonly traceparent: string | undefined;
  /** Proxies whose X-Forwarded-For a server believes: addresses and CIDRs. */
  readonly trustedProxies: readonly string[];
  /** Origins of other sites whose pages may ask a server. */
  readonly corsOrigins: readonly string[];
  /** What an evaluation that is asked for over HTTP may spend at most, in US dollars; undefined: as much as is usual. */
  readonly maxEvaluationUsd: number | undefined;
  /** What one person may spend a day on trying prompts, in US dollars. */
  readonly playgroundUsd: number | undefined;
  /** What one owner's keys may spend a day on asking models through a server, in US dollars. */
  readonly invokeUsd: number | undefined;
  /** How many requests a key may send a server, where that is not the usual number. */
  readonly rateLimits: RateLimits;
  /** Where workers keep checkpoints of the audit log; absent: nowhere. */
  readonly auditCheckpoints: CheckpointPlace | undefined;
  /** Where what is too large for a row of the database is kept; absent: in its row all the same. */
  readonly contents: ContentPlace | undefined;
  /** Bundles that workers keep up. */
  readonly bundles: readonly KeptBundle[];
  /** For how long each kind of what grows is kept. */
  readonly retention: RetentionPeriods;
  /** How a server knows people and CI jobs, beside keys. */
  readonly identity: IdentitySettings;
  readonly temporal: TemporalConfig;
  /** A file of further providers. Never found by itself: it says where keys of the environment go. */
  readonly providersFile: string | undefined;
  /** Through which calls to models leave; undefined: directly. */
  readonly proxy: ProxySettings | undefined;
  /** A file of model prices, beside the list prices. */
  readonly pricesFile: string | undefined;
  /** Least pass rate of an evaluation without a policy, 0 to 1, from promptfoo's percentage; undefined: every case. */
  readonly passRateThreshold: number | undefined;
  /** False when NO_COLOR is set, true when FORCE_COLOR is, undefined: up to the terminal. */
  readonly color: boolean | undefined;
  /** The same for every attempt of one CI run, so that repeating a command repeats nothing. */
  readonly requestId: string | undefined;
  /** Who is at work, as the environment says it (so: asserted, not proven). */
  readonly actor: string | undefined;
  /** The running `sluice dev` of the directory, when the database or Temporal come from it. */
  readonly dev: DevState | undefined;
  /** Where workers poll and rollouts are started: several installations may share one Temporal. */
  readonly taskQueue: string;
}

export interface TemporalConfig {
  /** Where it comes from; `default`: nothing is set, Temporal's own default profile or address applies. */
  readonly source: "environment" | "dev" | "default";
  /** The address when it is known without reading a profile. */
  readonly address: string | undefined;
  /** The TEMPORAL_ variables to give to Temporal's environment configuration; empty ones left out. */
  readonly environment: Readonly<Record<string, string>>;
  /** Temporal's web page, when it is known. */
  readonly uiUrl: string | undefined;
}

/** The same as {@link readConfig}, with what secret managers keep: `OPENAI_API_KEY=vault:secret/sluice#openai`. */
export function loadConfig(env: Environment = process.env, cwd: string = process.cwd()): Promise<Config> {
  return withManagers(env, (held) => readConfig(env, cwd, held));
}

/**
 * Reads the environment; with nothing set about database and Temporal, the running `sluice dev` of the directory. Each
 * secret may be in a file: `NAME_FILE`. `invalid_input`, and `SecretToFetch` where a manager's secret is not held.
 */
export function readConfig(
  env: Environment = process.env,
  cwd: string = process.cwd(),
  held?: HeldSecrets,
): Config {
  const plain = (name: string) => value(env, name);
  const secretly = (name: string) => readSecretVariable(env, name, held);
  const databaseUrl = readDatabaseUrl(secretly);
  const temporal = temporalVariables(env, secretly);
  const trustedProxies = readTrustedProxies(value(env, "SLUICE_TRUSTED_PROXIES") ?? "");
  const dev = databaseUrl === undefined && Object.keys(temporal).length === 0 ? readDevState(cwd) : undefined;
  return {
    databaseUrl: databaseUrl ?? dev?.databaseUrl,
    server: readServerSettings(plain, secretly),
    upstream: secretly("SLUICE_UPSTREAM"),
    langfuse: readLangfuseSettings(plain, secretly),
    langfuseForward: readLangfuseAddress(secretly),
    databaseListenUrl: readDatabaseUrl(secretly, "DATABASE_LISTEN_URL"),
    metricsListen: readMetricsListen(value(env, "SLUICE_METRICS_LISTEN")),
    logFormat: readLogFormat(value(env, "SLUICE_LOG_FORMAT")),
    makesTraces:
      first(env, ["OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT"]) !== undefined &&
      value(env, "OTEL_SDK_DISABLED") !== "true",
    traceparent: value(env, "TRACEPARENT"),
    trustedProxies,
    corsOrigins: readCorsOrigins(value(env, "SLUICE_CORS_ORIGINS") ?? ""),
    rateLimits: readRateLimits(value(env, "SLUICE_LIMITS") ?? "", "SLUICE_LIMITS"),
    maxEvaluationUsd: readMaxEvaluationUsd(value(env, "SLUICE_MAX_EVALUATION_USD")),
    playgroundUsd: readDailyUsd(value(env, "SLUICE_PLAYGROUND_USD"), "SLUICE_PLAYGROUND_USD"),
    invokeUsd: readDailyUsd(value(env, "SLUICE_INVOKE_USD"), "SLUICE_INVOKE_USD"),
    auditCheckpoints: readCheckpointPlace(plain, secretly),
    contents: readContentPlace(plain, secretly),
    bundles: readKeptBundles(readPlainSecret(env, "SLUICE_BUNDLES") ?? "", DEFAULT_LABEL),
    retention: readRetention(value(env, "SLUICE_RETENTION") ?? "", "SLUICE_RETENTION"),
    identity: readIdentitySettings(plain, secretly, readPermitted(env), trustedProxies),
    temporal: dev
      ? {
          source: "dev",
          address: dev.temporalAddress,
          environment: { TEMPORAL_ADDRESS: dev.temporalAddress, TEMPORAL_NAMESPACE: "default" },
          uiUrl: dev.uiUrl,
        }
      : {
          source: Object.keys(temporal).length > 0 ? "environment" : "default",
          address: temporal["TEMPORAL_ADDRESS"],
          environment: temporal,
          uiUrl: value(env, "SLUICE_TEMPORAL_UI_URL"),
        },
    ...eachVendor((_, { variables, path }) =>
      readProvider(plain, secretly, variables, dev?.modelServerUrl && `${dev.modelServerUrl}${path}`),
    ),
    providersFile: value(env, "SLUICE_PROVIDERS"),
    pricesFile: value(env, "SLUICE_PRICES"),
    proxy: readProxySettings(plain),
    passRateThreshold: readPassRateThreshold(value(env, "PROMPTFOO_PASS_RATE_THRESHOLD")),
    color: value(env, "NO_COLOR") ? false : value(env, "FORCE_COLOR") ? true : undefined,
    requestId: readRequestId(plain),
    actor: first(env, ["SLUICE_ACTOR", "GITHUB_ACTOR", "GITLAB_USER_LOGIN", "USER", "LOGNAME"]),
    dev,
    taskQueue: readTaskQueue(value(env, "SLUICE_TASK_QUEUE")),
  };
}

/** The key that a variable holds, or the file or the secret of a manager that it names. */
export function loadKeyVariable(name: string, env: Environment = process.env): Promise<string | undefined> {
  return withManagers(env, (held) => readSecretVariable(env, name, held));
}

function withManagers<T>(env: Environment, read: (held: HeldSecrets) => T): Promise<T> {
  return withSecrets(read, managerSetting(env));
}

/** What managers are asked with. It may be in files, and not with a manager. */
function managerSetting(env: Environment): Read {
  return (name) => readSecretVariable(env, name);
}

type Read = (name: string) => string | undefined;

/** The database, or `unavailable` with what to do about it. */
export function requireDatabaseUrl(config: Pick<Config, "databaseUrl" | "server">): string {
  if (config.databaseUrl !== undefined) return config.databaseUrl;
  if (config.server)
    throw unavailable("this needs the database, and SLUICE_URL names a server; set DATABASE_URL");
  throw unavailable("no database: set DATABASE_URL, or start `sluice dev` in this directory");
}

/** Variables that an operator has opened to a file, by name; one that is not set is an `invalid_input` error. */
export function readAllowedVariables(
  names: readonly string[],
  env: Environment = process.env,
): Record<string, string> {
  return Object.fromEntries(
    names.map((name) => {
      const text = env[name];
      if (text === undefined)
        throw invalidInput(`--allow-env ${name}: this variable is not set; set it, or leave the option out`, {
          name,
        });
      return [name, text];
    }),
  );
}

/**
 * What a reference in a policy stands for, `env:NAME`, `file:PATH` or a secret manager's address, on the machine where
 * it is asked. Fails with `invalid_input` that names the reference and nothing of what it stands for.
 */
export async function loadReferenced(reference: string, env: Environment = process.env): Promise<string> {
  const found = readSecretReference(reference);
  if (!found) throw invalidInput("a reference must be env:NAME or file:PATH");
  if (found.from === "manager") return fetchSecret(reference, managerSetting(env));
  if (found.from === "env") {
    const text = value(env, found.name);
    if (text !== undefined) return namesManager(text) ? fetchSecret(text, managerSetting(env)) : text;
    throw invalidInput(`${reference}: this variable is not set where the worker runs; set it there`);
  }
  const refuse = (problem: string) =>
    invalidInput(`${reference}: ${problem}; name a file that the worker can read`);
  const read = readSecretFile(found.path);
  if ("problem" in read) throw refuse(read.problem);
  return read.text;
}

/** The job of GitHub Actions or GitLab CI that this runs in. */
export function loadRunner(env: Environment = process.env): Promise<CiRunner | undefined> {
  return withManagers(env, (held) =>
    readCiRunner(
      (name) => value(env, name),
      (name) => readSecretVariable(env, name, held),
    ),
  );
}

/** What SLUICE_ALLOW_ADDRESSES opens beside the internet to whoever sends notifications or asks issuers. */
export function readPermitted(env: Environment = process.env): PermittedAddresses {
  return readPermittedAddresses(value(env, "SLUICE_ALLOW_ADDRESSES") ?? "");
}

/** The machine that local parts run on. */
export function readLocalMachine(env: Environment = process.env): LocalMachine {
  return {
    searchPath: value(env, "PATH") ?? "",
    cacheDir: cacheFolder((name) => value(env, name)),
    environment: { ...env },
  };
}

/** An empty variable counts as one that is not set. */
function value(env: Environment, name: string): string | undefined {
  return env[name]?.trim() || undefined;
}

function first(env: Environment, names: readonly string[]): string | undefined {
  for (const name of names) if (value(env, name) !== undefined) return value(env, name);
  return undefined;
}

function readDatabaseUrl(secretly: Read, name = "DATABASE_URL"): string | undefined {
  const url = secretly(name);
  // What is wrong with it is said here, once, and not by the first of many that use it.
  if (url !== undefined) readPostgresAddress(url, name);
  return url;
}

function temporalVariables(env: Environment, secretly: Read): Record<string, string> {
  const found: Record<string, string> = {};
  for (const name of Object.keys(env).filter((key) => key.startsWith("TEMPORAL_"))) {
    const text = value(env, name);
    if (text !== undefined && name !== "TEMPORAL_API_KEY_FILE") found[name] = text;
  }
  const apiKey = secretly("TEMPORAL_API_KEY");
  return apiKey === undefined ? found : { ...found, TEMPORAL_API_KEY: apiKey };
}

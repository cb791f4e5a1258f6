import { invalidInput } from "../domain/errors.ts";
import { requireServerAddress } from "../domain/addresses/server-address.ts";
import type { ContentPlace } from "../outbound/contents/content-place.ts";
import { DEFAULT_TASK_QUEUE } from "../domain/scope.ts";
import { databaseSluice } from "./database/database-sluice.ts";
import { serverSluice } from "./http/server-sluice.ts";
import { machineUser } from "./machine-user.ts";
import type { Sluice } from "./sluice.ts";

/** A database, and where rollouts are started or asked something a Temporal. */
export interface DatabaseOptions {
  /** `postgres://user:password@host/name`. */
  readonly databaseUrl: string;
  readonly temporal?: TemporalOptions | undefined;
  /** Where large datasets are kept: what workers have as SLUICE_CONTENTS. Default: in the database. */
  readonly contents?: ContentPlace | undefined;
  /** Who is at work, as the audit log asserts it. Default: the user of this machine. */
  readonly actor?: string | undefined;
}

export interface TemporalOptions {
  /** Default `localhost:7233`. */
  readonly address?: string | undefined;
  /** Default `default`. */
  readonly namespace?: string | undefined;
  readonly apiKey?: string | undefined;
  /** True, or the settings of Temporal's client. Default: none, or true with an `apiKey`. */
  readonly tls?: boolean | object | undefined;
  /** Where the workers poll. Default `sluice`. */
  readonly taskQueue?: string | undefined;
  /** Temporal's web page, for the addresses of workflows. */
  readonly uiUrl?: string | undefined;
}

/** A server, and a key to it. Whoever owns the key is who it was, by proof. */
export interface ServerOptions {
  /** `https://prompts.example`. */
  readonly url: string;
  readonly key: string;
  /** Who has to own the key: changes are refused (`forbidden`) where it is another. */
  readonly actor?: string | undefined;
}

export type SluiceOptions = DatabaseOptions | ServerOptions;

/**
 * Everything that a person can do, as functions, against a database or a server. Nothing is read from the
 * environment, and nothing connects before it is asked for something. Options that cannot be meant are `invalid_input`.
 */
export function createSluice(options: SluiceOptions): Sluice {
  if ("url" in options && "databaseUrl" in options)
    throw invalidInput("createSluice takes a databaseUrl, or the url of a server: give one of them");
  if ("url" in options) {
    const { base, key: inAddress } = requireServerAddress(options.url, "url");
    const key = options.key || inAddress;
    if (key === "") throw invalidInput("createSluice needs a key to the server: give one as key");
    return serverSluice({ base, key, keyFrom: "it", actor: options.actor });
  }
  const { databaseUrl, actor = machineUser(), temporal = {}, contents } = options;
  if (!databaseUrl) throw invalidInput("createSluice needs a databaseUrl, or the url and key of a server");
  const { address = "localhost:7233", namespace = "default", apiKey, tls, taskQueue, uiUrl } = temporal;
  return databaseSluice({
    url: () => databaseUrl,
    actor,
    contents,
    temporal: {
      address: {
        settings: {
          address,
          namespace,
          ...(apiKey !== undefined && { apiKey }),
          ...((tls ?? apiKey !== undefined) && { tls: tls ?? true }),
        },
      },
      taskQueue: taskQueue ?? DEFAULT_TASK_QUEUE,
      uiUrl,
    },
  });
}

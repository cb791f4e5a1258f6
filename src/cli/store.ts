import { type Config, requireDatabaseUrl } from "../config.ts";
import { configuredSluice } from "../client/configured-sluice.ts";
import { enterServer } from "../client/http/workload-key.ts";
import type { Sluice } from "../client/sluice.ts";
import { versionsThrough } from "../client/versions-through.ts";
import { invalidInput } from "../domain/errors.ts";
import { openContents } from "../outbound/contents/open-contents.ts";
import { withDatabase, type Database, type DatabaseOptions } from "../storage/database.ts";
import { storeError } from "../storage/store-error.ts";
import type { EvaluationStore } from "../use-cases/load-subject.ts";
import type { VersionLookup } from "../domain/prompt/include.ts";
import type { CommandContext } from "./context.ts";

/**
 * Runs with the server that SLUICE_URL names, or else the database: a command that does not care which. Its
 * connections are closed after, whatever happens.
 */
export async function withSluice<T>(
  { config }: Pick<CommandContext, "config">,
  work: (sluice: Sluice) => Promise<T>,
): Promise<T> {
  const sluice = await configuredSluice(config);
  try {
    return await work(sluice);
  } finally {
    await sluice.close();
  }
}

/** What a resolver reads from, as its library takes it. */
export async function sourceAddress(config: Config): Promise<string> {
  if (!config.server) return requireDatabaseUrl(config);
  const { base, key } = await enterServer(config.server);
  return base.replace("://", `://${encodeURIComponent(key)}@`);
}

/** Runs with the database, for a command that no server carries out. */
export async function reading<T>(
  context: CommandContext,
  work: (db: Database) => Promise<T>,
  options?: DatabaseOptions,
): Promise<T> {
  refuseServer(context);
  return withOwnDatabase(context, work, options);
}

/** The versions behind whichever of the two is named, which is reached once one is asked for. */
export function versionsOf(context: Pick<CommandContext, "config">): VersionLookup {
  const looking = <T>(look: (versions: VersionLookup) => Promise<T>): Promise<T> =>
    withSluice(context, (sluice) => look(versionsThrough(sluice)));
  return {
    version: (reference) => looking((versions) => versions.version(reference)),
    served: (prompt, label) => looking((versions) => versions.served(prompt, label)),
  };
}

/** The same, with the database for what only that knows. */
export function evaluationStore(context: CommandContext): EvaluationStore {
  return { versions: versionsOf(context), withDatabase: (work) => reading(context, work) };
}

/** Runs with the database, whatever server is named. What goes wrong with it comes out as one clear line. */
export async function withOwnDatabase<T>(
  { config }: Pick<CommandContext, "config">,
  work: (db: Database) => Promise<T>,
  options?: DatabaseOptions,
): Promise<T> {
  const url = requireDatabaseUrl(config);
  try {
    return await withDatabase(url, work, {
      contents: config.contents && openContents(config.contents),
      ...options,
    });
  } catch (error) {
    throw storeError(url, error);
  }
}

/** What no server does is refused where one is named, though there be a database too: it may be another one's. */
function refuseServer({ config, command }: CommandContext): void {
  if (!config.server) return;
  throw invalidInput(
    `sluice ${command} needs the database, and SLUICE_URL names a server; unset SLUICE_URL${config.databaseUrl === undefined ? " and set DATABASE_URL" : ""}`,
    { command },
  );
}

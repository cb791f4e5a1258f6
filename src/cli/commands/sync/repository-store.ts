import type { Sluice } from "../../../client/sluice.ts";
import { unavailable } from "../../../domain/errors.ts";
import type { Repository } from "../../../gitops/open-repository.ts";
import type { CommandContext } from "../../context.ts";
import { withSluice } from "../../store.ts";

/** Runs with the store that the environment names; where it names none, says which the repository's file does. */
export function withRepositoryStore<T>(
  context: CommandContext,
  { file, settings }: Repository,
  work: (sluice: Sluice) => Promise<T>,
): Promise<T> {
  const { server, databaseUrl } = context.config;
  if (settings.server !== undefined && server === undefined && databaseUrl === undefined)
    throw unavailable(
      `${file} names the server ${settings.server}, and there is no key to it: set SLUICE_URL=${settings.server} and SLUICE_KEY`,
    );
  return withSluice(context, work);
}

import { notFound } from "../../domain/errors.ts";
import { assertLabel, assertPromptName, parseReference, type PromptReference } from "../../domain/names.ts";
import { filterPrompts } from "../../domain/prompt/filter-prompts.ts";
import { DEFAULT_LABEL } from "../../domain/scope.ts";
import type { ArchivedPrompt, FoundPrompts, PromptLine } from "../../domain/shapes/prompts.ts";
import type {
  FoundVersions,
  ListedVersion,
  ShownVersion,
  Use,
  VersionDiff,
} from "../../domain/shapes/versions.ts";
import {
  type ArchiveRequest,
  type BundleRequest,
  type ListRequest,
  USUAL_VERSIONS,
  type VersionsRequest,
} from "../requests.ts";
import { readPages } from "./pages.ts";
import type { ServerConnection } from "./server-connection.ts";

/** What the server calls as other tools do too. */
export type Named<T> = T & { readonly version_id?: string };

export function plain<T extends object>({ version_id: _, ...version }: Named<T>): T {
  return version as unknown as T;
}

export async function findPrompts(
  server: ServerConnection,
  request: ListRequest = {},
): Promise<FoundPrompts> {
  const [present, archived] = await Promise.all(
    [false, true].map((isArchived) => readPages<PromptLine>(server, "/v1/prompts", { archived: isArchived })),
  );
  const every = [...present!, ...archived!]
    .map(({ calls: _, ...prompt }) => ({ ...prompt, newest: prompt.newest && plain(prompt.newest) }))
    .toSorted((one, other) => (one.prompt < other.prompt ? -1 : 1));
  return filterPrompts(every, { archived: false, ...request });
}

export async function findVersions(
  server: ServerConnection,
  name: string,
  { limit = USUAL_VERSIONS, page = 1 }: VersionsRequest = {},
): Promise<FoundVersions> {
  const all = await newestNumber(server, assertPromptName(name));
  const before = all - (page - 1) * limit + 1;
  if (before <= 1) return { versions: [], all };
  const versions = await versionsOf(server, name, { cursor: before }, limit);
  return { versions: versions.toReversed(), all };
}

export async function show(server: ServerConnection, version: string): Promise<ShownVersion> {
  const reference = parseReference(version);
  const number = await numberOf(server, reference);
  return plain(await server.get<Named<ShownVersion>>(`${addressOf(reference.prompt)}/versions/${number}`));
}

export async function diff(server: ServerConnection, from: string, to: string): Promise<VersionDiff> {
  const named = async (reference: PromptReference) =>
    `${reference.prompt}@${await numberOf(server, reference)}`;
  const [one, other] = await Promise.all([from, to].map(parseReference).map(named));
  return server.get("/v1/diff", { from: one, to: other });
}

export function bundle(
  server: ServerConnection,
  { label = DEFAULT_LABEL, prefix }: BundleRequest = {},
): Promise<string> {
  return server.text("/v1/bundle", { label: assertLabel(label), prefix });
}

export async function uses(server: ServerConnection, name: string): Promise<readonly Use[]> {
  const { items } = await server.get<{ items: Use[] }>("/v1/uses", { prompt: assertPromptName(name) });
  return items;
}

export function archive(
  server: ServerConnection,
  archived: boolean,
  prompt: string,
  { reason, stillServed }: ArchiveRequest,
): Promise<ArchivedPrompt> {
  const body = { archived, reason, stillServed };
  return server.change("PATCH", addressOf(assertPromptName(prompt)), { body });
}

export function addressOf(prompt: string): string {
  return `/v1/prompts/${encodeURIComponent(prompt)}`;
}

/** The number of a version, which may have been named by its semantic version, or not at all: the newest. */
export async function numberOf(
  server: ServerConnection,
  { prompt, number, semver }: PromptReference,
): Promise<number> {
  if (number !== undefined) return number;
  const newest = await newestNumber(server, prompt);
  if (semver === undefined) return newest;
  const found = (await versionsOf(server, prompt, {})).find((version) => version.semver === semver);
  if (found) return found.version;
  throw notFound(`${prompt}@${semver} does not exist; the newest version is ${prompt}@${newest}`, {
    prompt,
    semver,
    newest,
  });
}

/** The number of a version that is there; `not_found` otherwise. */
export async function requireNumber(server: ServerConnection, reference: PromptReference): Promise<number> {
  const number = await numberOf(server, reference);
  await server.get(`${addressOf(reference.prompt)}/versions/${number}`);
  return number;
}

/** `not_found` where there is no such prompt that the key may see. */
export async function requirePrompt(server: ServerConnection, prompt: string): Promise<void> {
  await newestNumber(server, prompt);
}

/** Numbers have no gaps: it is also how many there are. 0 without a version. */
async function newestNumber(server: ServerConnection, prompt: string): Promise<number> {
  const [newest] = await versionsOf(server, prompt, {}, 1);
  return newest?.version ?? 0;
}

/** The newest first. */
async function versionsOf(
  server: ServerConnection,
  prompt: string,
  query: { readonly cursor?: number },
  most?: number,
): Promise<ListedVersion[]> {
  const path = `${addressOf(prompt)}/versions`;
  return (await readPages<Named<ListedVersion>>(server, path, query, most)).map(plain);
}

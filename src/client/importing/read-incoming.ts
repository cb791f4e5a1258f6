import pLimit from "p-limit";
import { invalidInput } from "../../domain/errors.ts";
import { didYouMean } from "../../domain/text/suggestion.ts";
import { shown } from "../../domain/text/visible.ts";
import type { ImportRequest } from "../exchange-requests.ts";
import { type IncomingVersion, nameThere } from "./incoming.ts";
import { LangfuseApi, type LangfuseProject } from "./langfuse-api.ts";
import { langfuseVersion } from "./langfuse-version.ts";
import { readVersionsFile } from "./read-versions-file.ts";

/** Requests to Langfuse at once. */
const AT_ONCE = 4;

/** The versions that an import is about: of all that there are, those that it names and does not leave out. */
export async function readIncoming(request: ImportRequest): Promise<IncomingVersion[]> {
  const { langfuse, file } = request;
  if ((langfuse === undefined) === (file === undefined))
    throw invalidInput("an import is from Langfuse or from a file; name one of them");
  if (langfuse !== undefined) return fromLangfuse(langfuse, request);
  const found = await readVersionsFile(file!);
  const seen = new Set<string>();
  for (const there of found.map(nameThere)) {
    if (seen.has(there))
      throw invalidInput(`${shown(there)} is there twice; leave one of them out of the file`);
    seen.add(there);
  }
  return chosen(found, request);
}

async function fromLangfuse(project: LangfuseProject, request: ImportRequest): Promise<IncomingVersion[]> {
  const { signal, onProgress } = request;
  const api = new LangfuseApi(project, signal);
  const listed = (await api.prompts()).flatMap(({ name, versions }) =>
    versions.map((number) => ({ name, number })),
  );
  const wanted = chosen(listed, request);
  let done = 0;
  const limit = pLimit(AT_ONCE);
  const versions = await Promise.all(
    wanted.map(({ name, number }) =>
      limit(async () => {
        const row = await api.version(name, number);
        onProgress?.({ step: "read", done: ++done, total: wanted.length });
        return row === undefined ? [] : [langfuseVersion(row, nameThere({ name, number }))];
      }),
    ),
  );
  return versions.flat();
}

/** What is asked for and is not there is a mistake, and said. */
function chosen<Version extends Pick<IncomingVersion, "name" | "number">>(
  versions: readonly Version[],
  { prompts = [], skip = [] }: ImportRequest,
): Version[] {
  const names = new Set(versions.map(({ name }) => name));
  const known = new Set([...names, ...versions.map(nameThere)]);
  for (const name of prompts)
    if (!names.has(name))
      throw invalidInput(`there is no prompt ${shown(name)} to be imported${didYouMean(name, names)}`, {
        name,
      });
  for (const name of skip)
    if (!known.has(name))
      throw invalidInput(`there is nothing called ${shown(name)} to be left out${didYouMean(name, known)}`, {
        name,
      });
  return versions.filter(
    (version) =>
      (prompts.length === 0 || prompts.includes(version.name)) &&
      !skip.includes(version.name) &&
      !skip.includes(nameThere(version)),
  );
}

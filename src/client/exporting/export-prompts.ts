import pLimit from "p-limit";
import { assertLabel, assertPromptName } from "../../domain/names.ts";
import { promptFileValue } from "../../domain/prompt/prompt-file-value.ts";
import type { ExportedVersion } from "../../domain/shapes/importing.ts";
import type { ListedVersion } from "../../domain/shapes/versions.ts";
import type { ExportRequest } from "../exchange-requests.ts";
import { EVERY_VERSION } from "../requests.ts";
import type { Sluice } from "../sluice.ts";

/** What an export needs of where it is from. */
export type ExportSource = Pick<Sluice, "findVersions" | "list" | "show">;

const AT_ONCE = 4;
const LABEL_ALONE = /^\S+$/;

/** Versions in the order in which they were made, so that what includes another comes after it. */
export async function exportPrompts(
  source: ExportSource,
  { prompts = [], versions: which = "all", live }: ExportRequest = {},
): Promise<ExportedVersion[]> {
  if (live !== undefined) assertLabel(live);
  prompts.forEach(assertPromptName);
  const names =
    prompts.length > 0 ? [...new Set(prompts)] : (await source.list()).map(({ prompt }) => prompt);
  const limit = pLimit(AT_ONCE);
  const versionsOf = async (prompt: string): Promise<readonly ListedVersion[]> => {
    const isAll = which === "all" || live !== undefined;
    const { versions } = await source.findVersions(prompt, { limit: isAll ? EVERY_VERSION : 1 });
    return live === undefined ? versions : versions.filter((version) => version.live.includes(live));
  };
  const listed = (await Promise.all(names.map((prompt) => limit(() => versionsOf(prompt))))).flat();
  const exported = listed.map((version) => limit(() => exportVersion(source, version)));
  return (await Promise.all(exported)).toSorted(
    (one, other) => compare(one.createdAt, other.createdAt) || one.version - other.version,
  );
}

async function exportVersion(source: ExportSource, listed: ListedVersion): Promise<ExportedVersion> {
  const { prompt, version, sha256, message, author, createdAt } = listed;
  const shown = await source.show(`${prompt}@${version}`);
  return {
    prompt,
    version,
    sha256,
    file: promptFileValue(shown, shown.artifact),
    message,
    author,
    createdAt,
    labels: listed.live.filter((scope) => LABEL_ALONE.test(scope)),
  };
}

function compare(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0;
}

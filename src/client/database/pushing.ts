import type { PushedFiles, PushedVersion } from "../../domain/shapes/versions.ts";
import { numberedVersion } from "../../storage/read/version.ts";
import { readNamedProviders } from "../../use-cases/configure-providers.ts";
import { loadPromptFiles, pushLoaded } from "../../use-cases/push.ts";
import { pushChanged } from "../../use-cases/push-changed.ts";
import { pushDocument } from "../../use-cases/push-document.ts";
import { resolveIncludes } from "../../use-cases/resolve-includes.ts";
import { versionsIn } from "../../storage/read/versions-in.ts";
import { promptTextOf } from "../prompt-text.ts";
import type { PushFilesRequest, PushRequest } from "../requests.ts";
import type { DatabaseParts } from "./database-parts.ts";

export function push(parts: DatabaseParts, request: PushRequest): Promise<PushedVersion> {
  const { message = "", base, policy, dataset, allowSecret, emergency } = request;
  const { prompt, text, name } = promptTextOf(request.file);
  return parts.write((db) =>
    pushDocument(
      db,
      { prompt, text, name, policy, dataset },
      { author: parts.actor, message, base, allowSecret, emergency, mayChangePolicy: true },
    ),
  );
}

/** What is wrong with a file is said whether or not there is a database. */
export async function pushFiles(
  parts: DatabaseParts,
  paths: readonly string[],
  { message = "", base, allowSecret, emergency, providersFile }: PushFilesRequest = {},
): Promise<PushedFiles> {
  const files = await loadPromptFiles(paths);
  const { providers } = await readNamedProviders({ providersFile });
  const options = { author: parts.actor, message, allowSecret, emergency, providers };
  return parts.write((db) =>
    pushChanged(
      {
        push: (some, bases) => pushLoaded(db, some, { ...options, bases }),
        numberOf: async (reference) => (await numberedVersion(db, reference)).number,
        artifactOf: (file) => resolveIncludes(versionsIn(db), file),
      },
      files,
      base,
    ),
  );
}

import { readFile } from "node:fs/promises";
import { SluiceError } from "../../domain/errors.ts";
import { promptValues } from "../../domain/prompt/prompt-file.ts";
import type { PushedFiles, PushedVersion, PushResult } from "../../domain/shapes/versions.ts";
import { reachFindings } from "../../providers/reach-findings.ts";
import { readNamedProviders } from "../../use-cases/configure-providers.ts";
import { loadPromptFiles, type PromptFileOnDisk } from "../../use-cases/push.ts";
import { pushChanged } from "../../use-cases/push-changed.ts";
import { resolveIncludes } from "../../use-cases/resolve-includes.ts";
import { promptTextOf } from "../prompt-text.ts";
import type { PushFilesRequest, PushRequest } from "../requests.ts";
import { versionsThrough } from "../versions-through.ts";
import { addressOf, type Named, numberOf, plain, show } from "./prompts.ts";
import { pointers } from "./records.ts";
import type { ServerConnection } from "./server-connection.ts";

export async function push(server: ServerConnection, request: PushRequest): Promise<PushedVersion> {
  const { file, ...options } = request;
  const { prompt, text, name } = promptTextOf(file);
  return send(server, prompt, { file: promptValues(text, name)[0], ...options });
}

async function send(server: ServerConnection, prompt: string, body: object): Promise<PushedVersion> {
  return plain(await server.change<Named<PushedVersion>>("POST", `${addressOf(prompt)}/versions`, { body }));
}

/** One after the other: where one is refused, those before it are pushed, and the error says which. */
export async function pushFiles(
  server: ServerConnection,
  paths: readonly string[],
  { message, base: named, allowSecret, emergency, providersFile }: PushFilesRequest = {},
): Promise<PushedFiles> {
  const files = await loadPromptFiles(paths);
  const { providers } = await readNamedProviders({ providersFile });
  const pushOne = async (
    { path, file, policy }: PromptFileOnDisk,
    base: number | string | undefined,
  ): Promise<PushResult> => {
    const { policy: _, ...value } = await valueOf(path, file.name);
    const body = { file: value, message, base, allowSecret, emergency, ...policy?.written() };
    const pushed = await send(server, file.name, body);
    // How a model is reached is a matter of where its calls are made from, and that is here.
    const findings = [
      ...pushed.findings.filter(({ code }) => !OF_REACH.has(code)),
      ...reachFindings(file.artifact, providers),
    ];
    // In the order that a database's answer has, as it is printed.
    const { prompt, version, semver, versionId, sha256, created, ...more } = pushed;
    return { prompt, version, semver, versionId, sha256, created, path, ...more, findings };
  };
  const versions = versionsThrough({
    show: (version) => show(server, version),
    pointers: (prompt) => pointers(server, prompt),
  });
  return pushChanged(
    {
      async push(some, bases) {
        const done: PushResult[] = [];
        for (const one of some)
          done.push(
            await pushOne(one, bases.get(one.file.name)).catch((error: unknown) => refused(error, done)),
          );
        return done;
      },
      numberOf: (reference) => numberOf(server, reference),
      artifactOf: (file) => resolveIncludes(versions, file),
    },
    files,
    named,
  );
}

const OF_REACH: ReadonlySet<string> = new Set(["provider_unknown", "param_ignored"]);

async function valueOf(path: string, prompt: string): Promise<Record<string, unknown>> {
  const values = promptValues(await readFile(path, "utf8"), path) as Record<string, unknown>[];
  return values.find(({ name }) => name === prompt)!;
}

function refused(error: unknown, done: readonly PushResult[]): never {
  if (!(error instanceof SluiceError) || done.length === 0) throw error;
  const pushed = done.map(({ prompt, version }) => `${prompt}@${version}`).join(", ");
  throw new SluiceError(
    error.code,
    `${error.message}. Pushed before it, and kept: ${pushed}`,
    { ...error.details, pushed: done.map(({ prompt, version }) => ({ prompt, version })) },
    { cause: error },
  );
}

import type { Sluice } from "../client/sluice.ts";
import { invalidInput, SluiceError } from "../domain/errors.ts";
import type { Artifact } from "../domain/prompt/artifact.ts";
import { composeArtifact, type IncludedVersion, type IncludeRequest } from "../domain/prompt/include.ts";
import type { PromptFile } from "../domain/prompt/prompt-file.ts";

type Showing = Pick<Sluice, "show" | "pointers">;

/** The artifact that a file would make now, with what it includes, wherever the versions are kept. */
export async function wholeArtifact(sluice: Showing, file: PromptFile): Promise<Artifact> {
  if (!file.includes) return file.artifact;
  const parts: { request: IncludeRequest; version: IncludedVersion }[] = [];
  for (const request of file.includes) parts.push({ request, version: await included(sluice, request) });
  return composeArtifact(file.artifact, parts);
}

async function included(sluice: Showing, request: IncludeRequest): Promise<IncludedVersion> {
  const { prompt, number, semver, label, where } = request;
  try {
    const name = label === undefined ? `${prompt}@${number ?? semver}` : await served(sluice, prompt, label);
    const shown = await sluice.show(name);
    return { prompt, number: shown.version, sha256: shown.sha256, artifact: shown.artifact };
  } catch (error) {
    if (!(error instanceof SluiceError)) throw error;
    throw new SluiceError(error.code, `${where}: include: ${error.message}`, error.details);
  }
}

async function served(sluice: Showing, prompt: string, label: string): Promise<string> {
  const pointers = await sluice.pointers(prompt);
  const own = pointers.find(
    (one) => one.prompt === prompt && one.label === label && one.model === null && one.tenant === null,
  );
  if (own?.active) return own.active;
  throw invalidInput(
    `label ${label} serves no version of ${prompt}; name one: { include: ${prompt}@N }, or make one live`,
    { prompt, label },
  );
}

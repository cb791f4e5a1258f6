import type { Artifact } from "../../domain/prompt/artifact.ts";
import { normaliseModel } from "../../domain/scope.ts";
import { digestJson } from "../../digest.ts";
import { compileArtifact, type ArtifactTemplate } from "../../templates/artifact-template.ts";
import { artifactProblem } from "./artifact-shape.ts";
import type { Reason } from "./reason.ts";
import type { SourceVersion } from "../sources/source.ts";
import { messageOf } from "../../domain/errors.ts";

/** A version that has been checked against its hash and compiled: ready to be rendered. */
export interface LoadedVersion {
  /** Null for the fallback, which is nobody's version; so is `number`. */
  readonly id: string | null;
  readonly prompt: string | null;
  readonly number: number | null;
  readonly sha256: string;
  readonly artifact: Artifact;
  readonly template: ArtifactTemplate;
  /** The artifact's model as scopes name models. */
  readonly model: string;
}

/** A version that cannot be served, and why. */
export interface UnusableVersion {
  readonly id: string;
  readonly reason: Reason & ("version_missing" | "hash_mismatch" | "artifact_invalid");
  readonly message: string;
}

/** Checks and compiles what a source gave. It is not trusted: an artifact that was tampered with is refused. */
export function loadVersion(given: SourceVersion): LoadedVersion | UnusableVersion {
  const { id } = given;
  const where = `${given.prompt}@${given.number}`;
  try {
    const found = digestJson(given.artifact);
    if (found !== given.sha256)
      return {
        id,
        reason: "hash_mismatch",
        message: `${where} is not what its hash says (${found.slice(0, 12)}… instead of ${given.sha256.slice(0, 12)}…): it is not served`,
      };
    const problem = artifactProblem(given.artifact);
    if (problem !== undefined)
      return { id, reason: "artifact_invalid", message: `${where} cannot be used: ${problem}` };
    return {
      id,
      prompt: given.prompt,
      number: given.number,
      sha256: given.sha256,
      artifact: given.artifact,
      template: compileArtifact(given.artifact),
      model: normaliseModel(given.artifact.model),
    };
  } catch (error) {
    const detail = messageOf(error);
    return { id, reason: "artifact_invalid", message: `${where} cannot be used: ${detail}` };
  }
}

export function missingVersion(id: string): UnusableVersion {
  return {
    id,
    reason: "version_missing",
    message: `a pointer names version ${id}, which does not exist: it is not served`,
  };
}

export function isUsable(version: LoadedVersion | UnusableVersion | undefined): version is LoadedVersion {
  return version !== undefined && "template" in version;
}

/** The last resort, compiled when it is first needed; a `fallback` that is not valid fails at once. */
export function fallbackVersion(artifact: Artifact): LoadedVersion {
  return {
    id: null,
    prompt: null,
    number: null,
    sha256: digestJson(artifact),
    artifact,
    template: compileArtifact(artifact),
    model: normaliseModel(artifact.model),
  };
}

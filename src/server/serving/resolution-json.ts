import type { Artifact } from "../../domain/prompt/artifact.ts";
import type { ResolvedPrompt } from "../../resolver/index.ts";
import { servingOf } from "../../resolver/serving/resolved-prompt.ts";
import { hasAlready } from "../requests/has-already.ts";
import { type WrittenAnswer, writtenJson } from "../route.ts";

interface Written {
  /** Up to the token: the same for everybody who is served the same. */
  readonly head: string;
  readonly etag: string;
  /** The answers to whoever names no unit. */
  whole: WrittenAnswer | undefined;
  unchanged: WrittenAnswer | undefined;
}

type Source = ResolvedPrompt["source"];
const WRITTEN = new WeakMap<object, Map<Source, Written>>();
const ARTIFACTS = new WeakMap<Artifact, string>();
const REVALIDATED = "private, no-cache";

/** What is served, with its artifact, to whoever may have it already. */
export function servedAnswer(resolved: ResolvedPrompt, ifNoneMatch: string | undefined): WrittenAnswer {
  const written = writtenOf(resolved);
  const { etag } = written;
  if (hasAlready(ifNoneMatch, etag))
    return (written.unchanged ??= { status: 304, headers: ["cache-control", REVALIDATED, "etag", etag] });
  if (resolved.unitDigest !== null) return wholeAnswer(written, resolved);
  return (written.whole ??= wholeAnswer(written, resolved));
}

/** A resolution and its artifact, as JSON. */
export function resolutionWithArtifact(resolved: ResolvedPrompt): string {
  return withArtifact(writtenOf(resolved), resolved);
}

/** A resolution and what was made of it, as JSON. The token says whether it was rendered, so make it before. */
export function resolutionWith(resolved: ResolvedPrompt, made: object): string {
  return `${writtenOf(resolved).head}${resolved.token}",${JSON.stringify(made).slice(1)}`;
}

function wholeAnswer(written: Written, resolved: ResolvedPrompt): WrittenAnswer {
  const { headers, ...answer } = writtenJson(withArtifact(written, resolved), REVALIDATED);
  return { ...answer, headers: ["etag", written.etag, ...headers] };
}

function withArtifact({ head }: Written, resolved: ResolvedPrompt): string {
  return `${head}${resolved.token}","artifact":${artifactJson(resolved.artifact)}}`;
}

/** What is served is another object as soon as its pointer has moved. */
function writtenOf(resolved: ResolvedPrompt): Written {
  const serving = servingOf(resolved);
  let sources = WRITTEN.get(serving);
  if (!sources) WRITTEN.set(serving, (sources = new Map()));
  let written = sources.get(resolved.source);
  if (!written) {
    const etag = `"${resolved.revision ?? 0}-${resolved.sha256.slice(0, 8)}"`;
    written = { head: headOf(resolved), etag, whole: undefined, unchanged: undefined };
    sources.set(resolved.source, written);
  }
  return written;
}

/** `version_id` is what other tools call it. */
function headOf(resolved: ResolvedPrompt): string {
  const { versionId, ...rest } = resolved.toJSON();
  return `${JSON.stringify({ ...rest, versionId, version_id: versionId }).slice(0, -1)},"token":"`;
}

function artifactJson(artifact: Artifact): string {
  let json = ARTIFACTS.get(artifact);
  if (json === undefined) ARTIFACTS.set(artifact, (json = JSON.stringify(artifact)));
  return json;
}

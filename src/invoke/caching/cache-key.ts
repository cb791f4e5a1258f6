import { digestJson } from "../../digest.ts";
import type { Wording } from "../../domain/models/vendors.ts";
import type { Artifact } from "../../domain/prompt/artifact.ts";
import type { ResolvedPrompt } from "../../resolver/serving/resolved-prompt.ts";
import { injectionSigns } from "../../templates/injection.ts";
import type { RenderedMessage } from "../../templates/rendered-message.ts";
import { requestsTo } from "../../templates/requests/protocol-requests.ts";
import { valueText } from "../../templates/value-text.ts";
import type { StreamRequest } from "../invoke-request.ts";
import type { Target } from "../targets.ts";
import type { CacheRule } from "./cache-rules.ts";

/** Raised when the same key would stand for something else. */
const FORMAT = 1;

export interface Asked {
  readonly resolved: Pick<ResolvedPrompt, "prompt" | "arm" | "subject" | "artifact">;
  readonly request: StreamRequest;
  readonly target: Target;
  /** Base URL. */
  readonly endpoint: string;
  readonly wording: Wording;
  readonly messages: readonly RenderedMessage[];
}

/**
 * Under what an answer is kept: a digest of the version, of all that is sent and to whom, and of whose it is. Undefined
 * where none is to be kept or given: to a unit in a rollout, whose arms would no longer be compared by what they are
 * themselves, for a conversation or tools, for several answers at once, and where a value looks like an attempt to
 * instruct the model.
 */
export function cacheKey(
  { resolved, request, target, endpoint, wording, messages }: Asked,
  { scope }: Pick<Required<CacheRule>, "scope">,
): string | undefined {
  const { subject, arm, artifact } = resolved;
  const isConversation =
    (request.history?.length ?? 0) > 0 ||
    Object.values(request.placeholders ?? {}).some(({ length }) => length > 0);
  const several = Number(artifact.params["n"] ?? 1) !== 1;
  if (!subject || arm !== "unenrolled" || isConversation || artifact.tools || request.tools || several)
    return undefined;
  if ((scope === "unit" && subject.unit === null) || looksInjected(artifact, request)) return undefined;
  return digestJson([
    FORMAT,
    subject.versionId,
    target.name,
    endpoint,
    requestsTo(target.call, wording).ofMessages(target.artifact, messages),
    scope,
    scope === "global" ? "" : subject.tenant,
    scope === "unit" ? subject.unit : "",
  ]);
}

function looksInjected({ variables }: Artifact, { variables: given = {} }: StreamRequest): boolean {
  return Object.entries(variables).some(
    ([name, { untrusted }]) =>
      untrusted && given[name] !== undefined && injectionSigns(valueText(given[name])).length > 0,
  );
}

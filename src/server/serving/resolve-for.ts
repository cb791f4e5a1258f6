import { allowsPrompt } from "../../domain/access/grants.ts";
import { invalidInput, unavailable } from "../../domain/errors.ts";
import type { PinnedRequest, ResolvedPrompt, ResolveRequest } from "../../resolver/index.ts";
import { noSuchPrompt } from "../auth/authorise.ts";
import type { ServingParts } from "../serving-parts.ts";
import type { Caller } from "../route.ts";

/**
 * What a request is served, by the library's own resolver. Its neutral fallback is never sent: where there is nothing
 * to serve it is `not_found`, and where that cannot be known `unavailable`.
 */
export async function resolveFor(
  { resolver }: Pick<ServingParts, "resolver">,
  { grants, key }: Caller,
  request: ResolveRequest | PinnedRequest,
): Promise<ResolvedPrompt> {
  const resolved = await resolver.resolve(request);
  const requested = "pin" in request ? resolved.prompt : (request.prompt ?? "");
  if (resolved.versionId === null) throw nothing(requested, resolved.reason);
  // A default for every prompt, or a token that was made up, may lead to a prompt of somebody else's.
  if (!allowsPrompt(grants, resolved.prompt)) throw noSuchPrompt(requested);
  return resolved.describe({ service: serviceOf(key) });
}

/** The same from memory, or undefined where it takes more to tell. */
export function knownFor(
  { resolver }: Pick<ServingParts, "resolver">,
  { grants, key }: Caller,
  request: ResolveRequest,
): ResolvedPrompt | undefined {
  const resolved = resolver.resolveKnown(request);
  if (!resolved || resolved.versionId === null) return undefined;
  if (!allowsPrompt(grants, resolved.prompt)) throw noSuchPrompt(request.prompt ?? "");
  return resolved.describe({ service: serviceOf(key) });
}

/** What `sluice callers` names whoever renders through a server: the key's name, and nobody's own. */
function serviceOf({ kind, name }: Caller["key"]): string {
  return kind === "person" || kind === "proxy" ? "people" : name;
}

function nothing(requested: string, reason: ResolvedPrompt["reason"]): Error {
  if (reason === "not_found") return noSuchPrompt(requested);
  if (reason === "invalid_request")
    return invalidInput("the token is not one that this server gave", { at: "body" });
  return unavailable("what is served cannot be read just now; try again in a moment", { reason });
}

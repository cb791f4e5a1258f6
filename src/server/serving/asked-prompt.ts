import { invalidInput } from "../../domain/errors.ts";
import { DEFAULT_LABEL } from "../../domain/scope.ts";
import type { ResolveRequest } from "../../resolver/index.ts";
import { readToken } from "../../resolver/serving/token.ts";
import type { Place } from "../route.ts";

/** Served to a tenant that is granted; without a tenant, to a key that is for all of them. */
export const placeOf = ({
  prompt,
  label = DEFAULT_LABEL,
  tenant = "",
}: Pick<ResolveRequest, "prompt" | "label" | "tenant">): Place => ({
  ...(prompt !== undefined && { prompt }),
  label,
  tenant,
  use: "change",
});

/** What a body says of what it asks for. */
export type AskedPrompt = ResolveRequest & { readonly pin?: string | undefined };

/** What a body asks for; that of a token is what the token says. */
export function requestOf(body: AskedPrompt): ResolveRequest {
  if (body.pin === undefined) return plainRequest(body);
  const { prompt, label, tenant } = requireToken(body.pin);
  return { prompt, label, tenant };
}

export function plainRequest({
  prompt,
  label,
  unit,
  tenant,
  model,
  version,
  attributes,
}: AskedPrompt): ResolveRequest {
  if (prompt === undefined && !model)
    throw invalidInput("body.prompt: is missing; name the prompt, or a model whose default is meant", {
      at: "body.prompt",
    });
  return { prompt, label, unit, tenant, model, version, attributes };
}

export function requireToken(text: string) {
  const content = readToken(text);
  if (content?.versionId) return content;
  throw invalidInput("the token is not one that this server gave", { at: "body" });
}

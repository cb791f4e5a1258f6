import * as v from "valibot";
import { invalidInput, notFound } from "../../domain/errors.ts";
import type { PinnedRequest, ResolveRequest } from "../../resolver/index.ts";
import {
  isPlainResolve,
  promptParams,
  promptQuery,
  renderBody,
  renderedPrompt,
  resolveBody,
  servedPrompt,
} from "../contract/prompts.ts";
import type { ServingParts } from "../serving-parts.ts";
import { assertPlace } from "../auth/authorise.ts";
import { answerWritten, defineServing, writtenJson } from "../route.ts";
import { placeOf, plainRequest, requestOf, requireToken } from "../serving/asked-prompt.ts";
import { rendered } from "../serving/rendered.ts";
import { resolutionWithArtifact, servedAnswer } from "../serving/resolution-json.ts";
import { knownFor, resolveFor } from "../serving/resolve-for.ts";
import { FOR_GOOD } from "./resolver.ts";

export const getPrompt = defineServing({
  method: "GET",
  path: "/v1/prompts/:name",
  summary: "What is served, or one version",
  about: "Without rendering: no exposure is recorded. A unit in the address is in no log.",
  allow: { permission: "serve", places: ({ params, query }) => placeOf({ ...query, prompt: params.name }) },
  limit: "serve",
  params: promptParams,
  query: promptQuery,
  answers: { 200: servedPrompt, 304: v.undefined() },
  atOnce({ params, query, caller, parts, ifNoneMatch }) {
    if (query.version !== undefined) return undefined;
    const request = { ...query, prompt: params.name };
    assertPlace(caller, placeOf(request));
    const resolved = knownFor(parts, caller, request);
    return resolved && servedAnswer(resolved, ifNoneMatch);
  },
  async run({ params, query, caller, parts, header }) {
    const resolved = await resolveFor(parts, caller, { ...query, prompt: params.name });
    if (query.version === undefined) return answerWritten(servedAnswer(resolved, header("if-none-match")));
    return answerWritten(writtenJson(resolutionWithArtifact(resolved), FOR_GOOD));
  },
});

export const resolvePrompt = defineServing({
  method: "POST",
  path: "/v1/resolve",
  summary: "What a unit is served, rendered",
  about: "Rendering records the unit's exposure. Send what came of it to /v1/outcomes with the token.",
  allow: { permission: "serve", places: ({ body }) => placeOf(requestOf(body)) },
  limit: "serve",
  body: resolveBody,
  isPlain: isPlainResolve,
  answers: { 200: renderedPrompt },
  idempotency: "natural",
  atOnce({ body, caller, parts }) {
    if (body.pin !== undefined || body.version !== undefined) return undefined;
    const request = plainRequest(body);
    assertPlace(caller, placeOf(request));
    const resolved = knownFor(parts, caller, request);
    return resolved && writtenJson(rendered(resolved, body));
  },
  async run({ body, caller, parts }) {
    const request = body.pin === undefined ? plainRequest(body) : { pin: body.pin };
    return answerWritten(writtenJson(rendered(await resolveFor(parts, caller, request), body)));
  },
});

export const renderVersion = defineServing({
  method: "POST",
  path: "/v1/render",
  summary: "Exactly this version, rendered",
  about: "By version id, or by the token of a resolution: its unit is then exposed.",
  allow: {
    permission: "serve",
    places: async ({ body }, parts) =>
      body.token === undefined || body.versionId !== undefined
        ? { prompt: (await versionOf(body, parts)).prompt, use: "read" }
        : placeOf(requireToken(body.token)),
  },
  limit: "serve",
  body: renderBody,
  answers: { 200: renderedPrompt },
  idempotency: "natural",
  async run({ body, caller, parts }) {
    const request: ResolveRequest | PinnedRequest =
      body.token === undefined ? await versionOf(body, parts) : { pin: body.token };
    return answerWritten(writtenJson(rendered(await resolveFor(parts, caller, request), body)));
  },
});

async function versionOf(
  { versionId, token }: v.InferOutput<typeof renderBody>,
  { source }: ServingParts,
): Promise<{ prompt: string; version: number }> {
  if (versionId === undefined || token !== undefined)
    throw invalidInput("name the version: give either versionId or token", { at: "body" });
  const found = await source.readVersion({ id: versionId });
  if (!found) throw notFound("there is no such version that this key may see");
  return { prompt: found.prompt, version: found.number };
}

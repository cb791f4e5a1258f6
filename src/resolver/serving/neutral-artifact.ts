import type { Artifact } from "../../domain/prompt/artifact.ts";
import { eachVendor, type Provider } from "../../domain/models/vendors.ts";
import type { RenderedMessage } from "../../templates/rendered-message.ts";
import { valueText } from "../../templates/value-text.ts";

/** Which model the fallback asks, unless the resolver's option `fallbackModels` names another. */
export const FALLBACK_MODELS: Readonly<Record<Provider, string>> = eachVendor(
  (_, { fallbackModel }) => fallbackModel,
);

/** Says nothing about any business: all that can be said for every prompt at once. */
export const NEUTRAL_ARTIFACT: Artifact = {
  syntax: "mustache",
  model: `openai/${FALLBACK_MODELS.openai}`,
  params: {},
  variables: {},
  messages: [
    {
      role: "system",
      content:
        "You are a helpful assistant. Answer briefly and truthfully. When you do not know something, or are not sure, say so.",
    },
    { placeholder: "history" },
  ],
};

/** What the caller passed to a prompt that is not there, as the user's message: a question alone, else by its names. */
export function neutralQuestion(variables: Readonly<Record<string, unknown>>): RenderedMessage[] {
  const given = Object.entries(variables)
    .map(([name, value]) => [name, valueText(value)] as const)
    .filter(([, text]) => text.trim() !== "");
  if (given.length === 0) return [];
  const [[, only]] = given as [readonly [string, string]];
  const content = given.length === 1 ? only : given.map(([name, text]) => `${name}: ${text}`).join("\n");
  return [{ role: "user", content }];
}

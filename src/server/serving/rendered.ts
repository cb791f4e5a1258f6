import type * as v from "valibot";
import { invalidInput } from "../../domain/errors.ts";
import type { RenderRequest, ResolvedPrompt } from "../../resolver/index.ts";
import type { renderBody } from "../contract/prompts.ts";
import { resolutionWith, resolutionWithArtifact } from "./resolution-json.ts";

type Rendering = Omit<v.InferOutput<typeof renderBody>, "versionId" | "token">;

/** Renders in the form that was asked for, and writes it as JSON. The unit's exposure is recorded. */
export function rendered(resolved: ResolvedPrompt, given: Rendering): string {
  const { format = "messages", variables = {} } = given;
  if (format === "artifact") return resolutionWithArtifact(resolved);
  const options = renderOptions(given);
  const made =
    format === "messages"
      ? messages(resolved, variables, options)
      : request(resolved, format, variables, options);
  return resolutionWith(resolved, made);
}

function messages(resolved: ResolvedPrompt, variables: Record<string, unknown>, options: RenderRequest) {
  const { messages: list, warnings, tokens, tokensExact } = resolved.render(variables, options);
  return { messages: list, warnings, tokens, tokensExact };
}

const VENDOR = { openai: "openai", "openai-responses": "openai", anthropic: "anthropic" } as const;

function request(
  resolved: ResolvedPrompt,
  format: keyof typeof VENDOR,
  variables: Record<string, unknown>,
  options: RenderRequest,
) {
  const { model } = resolved.artifact;
  if (!model.startsWith(`${VENDOR[format]}/`))
    throw invalidInput(
      `format ${format}: this version asks ${model.slice(0, model.indexOf("/"))}; take messages, or the format of its vendor`,
      { at: "body.format", model },
    );
  if (format === "openai") return { request: resolved.toOpenAI(variables, options) };
  if (format === "openai-responses") return { request: resolved.toOpenAIResponses(variables, options) };
  return { request: resolved.toAnthropic(variables, options) };
}

function renderOptions({ history, placeholders, fit, injection, personalData }: Rendering): RenderRequest {
  return {
    ...(history && { history: history as never }),
    ...(placeholders && { placeholders: placeholders as never }),
    ...(fit !== undefined && { fit }),
    ...(injection && { injection }),
    ...(personalData && { personalData }),
  };
}

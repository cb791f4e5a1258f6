import type * as v from "valibot";
import { invalidInput } from "../../domain/errors.ts";
import type { Artifact } from "../../domain/prompt/artifact.ts";
import { VENDORS } from "../../domain/vendors.ts";
import { shown } from "../../domain/visible.ts";
import { parseLangfuse } from "../../templates/parse-langfuse.ts";
import type { langfuseCreateBody } from "../contract/langfuse.ts";
import { typeOf } from "../../templates/requests/to-langfuse.ts";

type Created = v.InferOutput<typeof langfuseCreateBody>;

/** Keys of a Langfuse prompt's `config` that are parameters of the model: what tests and native callers send. */
const PARAMETERS = [
  "temperature",
  "top_p",
  "max_tokens",
  "max_completion_tokens",
  "frequency_penalty",
  "presence_penalty",
  "stop",
  "seed",
] as const;

/** What Langfuse puts the text of another prompt in by. */
const REFERENCE = /@@@langfusePrompt:/;

/**
 * What a Langfuse client creates, as a prompt file: its text byte for byte, its `config` as it is, the model from it (or
 * from the version before), every `{{ name }}` a text that may be left out. `invalid_input` for what cannot be one.
 */
export function createdPromptFile(
  body: Created,
  newest: Artifact | undefined,
  defaultModel?: string,
): Record<string, unknown> {
  const { name, type = "text", prompt, tags } = body;
  const config = body.config ?? {};
  if ((type === "text") !== (typeof prompt === "string"))
    throw invalidInput(
      type === "text"
        ? 'body.prompt: a prompt of type "text" is a text; a list of messages has the type "chat"'
        : 'body.prompt: a prompt of type "chat" is a list of messages',
      { at: "body.prompt" },
    );
  if (newest && typeOf(newest) !== type)
    throw invalidInput(
      `body.type: the versions of ${shown(name)} are of type "${typeOf(newest)}", which code that reads them relies on; use another name for one of type "${type}"`,
      { at: "body.type" },
    );
  const texts =
    typeof prompt === "string" ? [prompt] : prompt.flatMap((one) => ("content" in one ? [one.content] : []));
  if (texts.some((text) => REFERENCE.test(text)))
    throw invalidInput(
      "body.prompt: puts in another prompt by @@@langfusePrompt@@@, which is not done here; write its text, or an include in a prompt file",
      { at: "body.prompt" },
    );
  const variables = new Set(
    texts.flatMap((text) => parseLangfuse(text).segments.references.map((one) => one.name)),
  );
  const params = PARAMETERS.filter((key) => isParameter(config[key])).map((key) => [key, config[key]]);
  return {
    name,
    ...(tags && tags.length > 0 && { tags }),
    syntax: "langfuse",
    model: modelOf(config["model"], newest?.model ?? defaultModel),
    ...(params.length > 0 && { params: Object.fromEntries(params) as unknown }),
    ...(variables.size > 0 && {
      variables: Object.fromEntries(
        [...variables].map((variable) => [variable, { type: "string", default: "" }]),
      ),
    }),
    ...(typeof prompt === "string" ? { text: prompt } : { messages: prompt.map(messageOf) }),
    ...(Object.keys(config).length > 0 && { config }),
  };
}

function messageOf(message: Exclude<Created["prompt"], string>[number]): unknown {
  if ("content" in message) return { role: message.role, content: message.content };
  return { placeholder: message.name };
}

function isParameter(value: unknown): boolean {
  return typeof value === "number" || typeof value === "string" || Array.isArray(value);
}

/** With its vendor: as it is written, or by its name's beginning. */
function modelOf(named: unknown, otherwise: string | undefined): string {
  if (typeof named === "string" && named !== "") {
    const [vendor] = named.split("/", 1);
    if (named.includes("/") && Object.hasOwn(VENDORS, vendor!)) return named;
    return `${named.startsWith("claude") ? "anthropic" : "openai"}/${named}`;
  }
  if (otherwise !== undefined) return otherwise;
  throw invalidInput(
    'body.config: names no model, which a version is tested with; add it, as in { "model": "gpt-5.4-mini" }',
    { at: "body.config.model" },
  );
}

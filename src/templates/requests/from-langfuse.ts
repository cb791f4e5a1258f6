import { invalidInput } from "../../domain/errors.ts";
import type { Artifact } from "../../domain/prompt/artifact.ts";
import { VENDORS } from "../../domain/models/vendors.ts";
import { shown } from "../../domain/text/visible.ts";
import { parseLangfuse } from "../parse-langfuse.ts";
import { typeOf } from "./to-langfuse.ts";

/** A version of a prompt as Langfuse has it. */
export interface LangfuseVersion {
  readonly name: string;
  /** `text` when absent. */
  readonly type?: "text" | "chat" | undefined;
  readonly prompt:
    | string
    | readonly (
        | { readonly role: string; readonly content: string }
        | { readonly type: "placeholder"; readonly name: string }
      )[];
  readonly config?: Readonly<Record<string, unknown>> | null | undefined;
  readonly tags?: readonly string[] | null | undefined;
}

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
 * A version of Langfuse's, as a prompt file: its text byte for byte, its `config` as it is, the model from it (or from
 * the version before, or else the default), every `{{ name }}` a text that may be left out. `invalid_input` for what
 * cannot be one, where `at` says where the version stands.
 */
export function promptFileOfLangfuse(
  version: LangfuseVersion,
  newest: Artifact | undefined,
  defaultModel: string | undefined,
  at: string,
): Record<string, unknown> {
  const { name, type = "text", prompt, tags } = version;
  const config = version.config ?? {};
  if ((type === "text") !== (typeof prompt === "string"))
    throw invalidInput(
      type === "text"
        ? `${at}.prompt: a prompt of type "text" is a text; a list of messages has the type "chat"`
        : `${at}.prompt: a prompt of type "chat" is a list of messages`,
      { at: `${at}.prompt` },
    );
  if (newest && typeOf(newest) !== type)
    throw invalidInput(
      `${at}.type: the versions of ${shown(name)} are of type "${typeOf(newest)}", which code that reads them relies on; use another name for one of type "${type}"`,
      { at: `${at}.type` },
    );
  const texts =
    typeof prompt === "string" ? [prompt] : prompt.flatMap((one) => ("content" in one ? [one.content] : []));
  if (texts.some((text) => REFERENCE.test(text)))
    throw invalidInput(
      `${at}.prompt: puts in another prompt by @@@langfusePrompt@@@, which is not done here; write its text, or an include in a prompt file`,
      { at: `${at}.prompt` },
    );
  const variables = new Set(
    texts.flatMap((text) => parseLangfuse(text).segments.references.map((one) => one.name)),
  );
  const params = PARAMETERS.filter((key) => isParameter(config[key])).map((key) => [key, config[key]]);
  return {
    name,
    ...(tags && tags.length > 0 && { tags }),
    syntax: "langfuse",
    model: modelOf(config["model"], newest?.model ?? defaultModel, at),
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

function messageOf(message: Exclude<LangfuseVersion["prompt"], string>[number]): unknown {
  if ("content" in message) return { role: message.role, content: message.content };
  return { placeholder: message.name };
}

function isParameter(value: unknown): boolean {
  return typeof value === "number" || typeof value === "string" || Array.isArray(value);
}

/** With its vendor: as it is written, or by its name's beginning. */
function modelOf(named: unknown, otherwise: string | undefined, at: string): string {
  if (typeof named === "string" && named !== "") {
    const [vendor] = named.split("/", 1);
    if (named.includes("/") && Object.hasOwn(VENDORS, vendor!)) return named;
    return `${named.startsWith("claude") ? "anthropic" : "openai"}/${named}`;
  }
  if (otherwise !== undefined) return otherwise;
  throw invalidInput(
    `${at}.config: names no model, which a version is tested with; add it, as in { "model": "gpt-5.4-mini" }`,
    { at: `${at}.config.model` },
  );
}

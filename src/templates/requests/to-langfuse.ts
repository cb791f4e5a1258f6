import type { Artifact, TemplateMessage } from "../../domain/prompt/artifact.ts";
import { invalidInput } from "../../domain/errors.ts";
import { shown } from "../../domain/text/visible.ts";
import { compileTemplate } from "../compile.ts";
import { toOpenAI } from "./to-openai.ts";
import { delimit } from "../untrusted.ts";

/** A prompt as a Langfuse client compiles it: `{{name}}` in its texts, and nothing else. */
export type LangfusePrompt = LangfuseText | LangfuseChat;

interface LangfuseText extends WithConfig {
  readonly type: "text";
  readonly prompt: string;
}

interface LangfuseChat extends WithConfig {
  readonly type: "chat";
  readonly prompt: readonly LangfuseMessage[];
}

interface WithConfig {
  /** See {@link configOf}. */
  readonly config: Readonly<Record<string, unknown>>;
}

/** Without a `type` for messages: the JavaScript client drops those whose type it does not know. */
export type LangfuseMessage =
  | { readonly role: string; readonly content: string }
  | { readonly type: "placeholder"; readonly name: string };

/** What is done with a variable whose value has to be kept apart from instructions. */
export interface LangfuseServing {
  /** `delimit`: it stands between delimiters, which a value can close: the client does not take them out of it. */
  readonly untrusted?: "refuse" | "delimit" | undefined;
}

const ELSEWHERE = "render it here instead, and pass the values: POST /v1/resolve";

/**
 * A version for a client that puts the values in itself, by replacing `{{name}}`. What such a client would send to
 * a model as it stands (conditions, loops, filters, paths), what it would read as a variable though it is text, and
 * values that have to be kept apart from instructions are `invalid_input`, with what to do instead.
 */
export function langfusePrompt(artifact: Artifact, serving: LangfuseServing = {}): LangfusePrompt {
  const untrusted = Object.keys(artifact.variables).filter((name) => artifact.variables[name]!.untrusted);
  if (untrusted.length > 0 && serving.untrusted !== "delimit")
    throw invalidInput(
      `variable ${shown(untrusted[0]!)} is untrusted, and a Langfuse client does not keep its value apart from the instructions; ${ELSEWHERE}`,
      { variables: untrusted },
    );
  const messages = artifact.messages.map((message, index) => messageOf(artifact, message, index));
  const examples = (artifact.examples ?? []).flatMap(({ input, output }, index) => [
    { role: "user", content: literal(input, `example ${index + 1}`) },
    { role: "assistant", content: literal(output, `example ${index + 1}`) },
  ]);
  const after = artifact.messages.findIndex((message) => !("role" in message && message.role === "system"));
  messages.splice(after === -1 ? messages.length : after, 0, ...examples);
  const config = configOf(artifact);
  const [only] = messages;
  return typeOf(artifact) === "text" && only !== undefined && "content" in only
    ? { type: "text", prompt: only.content, config }
    : { type: "chat", prompt: messages, config };
}

/** A prompt that was written as one text is one for Langfuse's clients, unless examples stand before it. */
export function typeOf({ format, messages, examples = [] }: Artifact): LangfusePrompt["type"] {
  return format === "text" && messages.length === 1 && examples.length === 0 ? "text" : "chat";
}

/**
 * The author's own `config`, as it is. Without one, the request of `toOpenAI` without its messages: what
 * `create({ ...config, messages })` needs.
 */
export function configOf(artifact: Artifact): LangfusePrompt["config"] {
  if (artifact.config) return artifact.config;
  const { messages: _, ...config } = toOpenAI(artifact, []);
  return config;
}

function messageOf(artifact: Artifact, message: TemplateMessage, index: number): LangfuseMessage {
  if ("placeholder" in message) return { type: "placeholder", name: message.placeholder };
  const { role, content } = message;
  const where = `message ${index + 1}`;
  if (typeof content !== "string")
    throw invalidInput(`${where} has parts (an image, a file), which Langfuse's form has not; ${ELSEWHERE}`, {
      where,
    });
  const { syntax, whitespace } = artifact;
  // Its braces are text wherever they name no variable, to its clients as to us.
  const textOf = (text: string) => (syntax === "langfuse" ? text : literal(text, where));
  const { segments } = compileTemplate(syntax, content, { untrusted: new Set(), whitespace });
  if (!segments)
    throw invalidInput(
      `${where} has more than {{ name }} (conditions, loops or filters), which a Langfuse client would send to the model as text; ${ELSEWHERE}`,
      { where },
    );
  const isPlain = segments.references.every(({ name }) => !artifact.variables[name]?.untrusted);
  if (syntax === "langfuse" && isPlain) return { role, content };
  const [first, ...rest] = segments.literals;
  let text = textOf(first!);
  for (const [i, { name, path }] of segments.references.entries()) {
    if (path.length > 0)
      throw invalidInput(
        `${where} looks into ${shown(name)} (${shown([name, ...path].join("."))}), which Langfuse clients do each in their own way; ${ELSEWHERE}`,
        { where, variable: name },
      );
    const variable = artifact.variables[name]?.untrusted ? delimit(name, `{{${name}}}`) : `{{${name}}}`;
    text += `${variable}${textOf(rest[i]!)}`;
  }
  return { role, content: text };
}

function literal(text: string, where: string): string {
  if (!text.includes("{{")) return text;
  throw invalidInput(
    `${where} has "{{" as a text, which a Langfuse client reads as a variable; ${ELSEWHERE}`,
    {
      where,
    },
  );
}

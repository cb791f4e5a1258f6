import { isMapping } from "../../domain/json/is-mapping.ts";
import type {
  Artifact,
  ContentPart,
  Example,
  Fallback,
  FunctionTool,
  TemplateMessage,
  TemplateSyntax,
  VariableSpec,
} from "../../domain/prompt/artifact.ts";

/** A message as a prompt file has it: its own, a place for the conversation so far, or another prompt's. */
export type EditedMessage =
  | { readonly role: string; readonly content: string | readonly ContentPart[] }
  | { readonly placeholder: string }
  | { readonly include: string; readonly label?: string };

/** A prompt file that is being written, without its name. It need not be right. */
export interface EditedFile {
  readonly description?: string;
  readonly tags?: readonly string[];
  readonly syntax?: TemplateSyntax;
  readonly whitespace?: "jinja";
  readonly model?: string;
  readonly params?: Readonly<Record<string, unknown>>;
  readonly fallbacks?: readonly Fallback[];
  readonly variables?: Readonly<Record<string, VariableSpec>>;
  readonly messages?: readonly EditedMessage[];
  /** In place of messages: one of the user, alone. */
  readonly text?: string;
  readonly examples?: readonly Example[];
  readonly tools?: readonly FunctionTool[];
  readonly output_schema?: Readonly<Record<string, unknown>>;
  readonly config?: Readonly<Record<string, unknown>>;
  readonly metadata?: Readonly<Record<string, unknown>>;
}

/** What a new prompt begins as. */
export const NEW_FILE: EditedFile = {
  syntax: "jinja",
  model: "openai/gpt-5.4-mini",
  variables: { question: { type: "string", required: true, untrusted: true } },
  messages: [
    { role: "system", content: "You are a helpful assistant.\n" },
    { role: "user", content: "{{ question }}" },
  ],
};

/** Its messages, whichever way they are written. */
export function messagesOf({ text, messages = [] }: EditedFile): readonly EditedMessage[] {
  return text === undefined ? messages : [{ role: "user", content: text }];
}

/** The same file with these messages; one that was written as one text stays so while it is one. */
export function withMessages(file: EditedFile, messages: readonly EditedMessage[]): EditedFile {
  const { text, ...others } = file;
  const [only] = messages;
  if (text !== undefined && messages.length === 1 && only && "role" in only && only.role === "user")
    if (typeof only.content === "string") return { ...others, text: only.content };
  return { ...others, messages };
}

/** The same file with this under a key; what is empty is left out. */
export function withPart<Key extends keyof EditedFile>(
  file: EditedFile,
  key: Key,
  value: EditedFile[Key] | undefined,
): EditedFile {
  const { [key]: _, ...others } = file;
  const isEmpty =
    value === undefined || value === "" || (isMapping(value) && Object.keys(value).length === 0);
  if (isEmpty || (Array.isArray(value) && value.length === 0)) return others;
  return key in file ? { ...file, [key]: value } : { ...others, [key]: value };
}

/** Of what another prompt brings: its artifact, by what the include says. */
export type Included = ReadonlyMap<string, Artifact>;

/** What it would be as a version, as far as that can be said, with the place of each message in the file. */
export interface DraftArtifact {
  readonly artifact: Artifact;
  readonly places: readonly number[];
  /** Includes that are not known here. */
  readonly missing: readonly string[];
}

/** With what it includes where `included` is given; without, its own messages alone. */
export function draftArtifact(file: EditedFile, included?: Included): DraftArtifact {
  const messages: TemplateMessage[] = [];
  const places: number[] = [];
  const missing: string[] = [];
  let variables = file.variables ?? {};
  for (const [index, message] of messagesOf(file).entries()) {
    const own = "include" in message ? undefined : ownMessage(message);
    const brought = "include" in message ? included?.get(message.include) : undefined;
    if ("include" in message && included && !brought) missing.push(message.include);
    if (brought) variables = { ...brought.variables, ...variables };
    for (const one of own ? [own] : (brought?.messages ?? [])) {
      messages.push(one);
      places.push(index);
    }
  }
  const { examples, tools, output_schema, config, whitespace, fallbacks } = file;
  return {
    artifact: {
      syntax: file.syntax ?? "jinja",
      ...(whitespace && { whitespace }),
      model: file.model ?? "",
      params: file.params ?? {},
      ...(fallbacks && fallbacks.length > 0 && { fallbacks }),
      variables,
      messages,
      ...(examples && examples.length > 0 && { examples }),
      ...(tools && tools.length > 0 && { tools }),
      ...(output_schema && { output_schema }),
      ...(config && { config }),
    },
    places,
    missing,
  };
}

function ownMessage(message: Exclude<EditedMessage, { readonly include: string }>): TemplateMessage {
  if ("placeholder" in message) return message;
  const role = message.role === "developer" ? "system" : message.role;
  return { role: role as "user", content: message.content };
}

/** How a variable is written in a template. */
export function placeholderFor(name: string, syntax: TemplateSyntax): string {
  if (syntax === "dollar") return `\${${name}}`;
  return syntax === "jinja" ? `{{ ${name} }}` : `{{${name}}}`;
}

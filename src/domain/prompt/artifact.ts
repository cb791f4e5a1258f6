import canonicalize from "canonicalize";

/** Everything that shapes an answer. Two artifacts with the same canonical JSON are the same version. */
export interface Artifact {
  readonly syntax: TemplateSyntax;
  /** `jinja`: white space around blocks stays as Jinja2's default leaves it. Absent: blocks' own lines are taken out. */
  readonly whitespace?: "jinja";
  /** It was written as one text: one message of the user, which is all that there is. */
  readonly format?: "text";
  /** `provider/model`, for example `openai/gpt-5.4-mini`. */
  readonly model: string;
  readonly params: Readonly<Record<string, unknown>>;
  /** Who is asked where the model gives no answer, in this order: another model shapes the answer as well. */
  readonly fallbacks?: readonly Fallback[];
  readonly variables: Readonly<Record<string, VariableSpec>>;
  readonly messages: readonly TemplateMessage[];
  readonly examples?: readonly Example[];
  /** JSON Schema function tools, in OpenAI's shape: `{type: "function", function: {name, parameters}}`. */
  readonly tools?: readonly FunctionTool[];
  readonly output_schema?: Readonly<Record<string, unknown>>;
  /** JSON of the author's own, which Langfuse's clients get beside the prompt as it is; requests are not made of it. */
  readonly config?: Readonly<Record<string, unknown>>;
  /** Versions whose messages were put in when it was pushed. They stand in `messages`: this only says whose they are. */
  readonly includes?: readonly Include[];
}

/** `provider/model`, or one with parameters that take the place of the version's. */
export type Fallback =
  | string
  | { readonly model: string; readonly params: Readonly<Record<string, unknown>> };

export interface Include {
  readonly prompt: string;
  readonly number: number;
  readonly sha256: string;
  /** Which of `messages` are its: the index of the first, and how many. */
  readonly at: number;
  readonly count: number;
}

export const SYNTAXES = ["jinja", "mustache", "dollar", "langfuse"] as const;
export type TemplateSyntax = (typeof SYNTAXES)[number];
export type Role = "system" | "user" | "assistant" | "tool";

export type TemplateMessage =
  | { readonly role: Role; readonly content: string | readonly ContentPart[] }
  | { readonly placeholder: string };

/**
 * A part of a message: a text, an image or a file. In a prompt every text of it is a template. An image is at
 * an address (`https:` or `data:`) or its bytes in base64; so is a file, which also has a name.
 */
export type ContentPart = TextPart | ImagePart | FilePart;

export interface TextPart {
  readonly type: "text";
  readonly text: string;
}

export interface ImagePart {
  readonly type: "image";
  readonly url?: string;
  readonly data?: string;
  /** `image/png`; needed with `data`. */
  readonly media_type?: string;
  /** How closely OpenAI's models look. */
  readonly detail?: "low" | "high" | "auto";
}

export interface FilePart {
  readonly type: "file";
  readonly url?: string;
  readonly data?: string;
  readonly media_type?: string;
  readonly name?: string;
}

export interface Example {
  readonly input: string;
  readonly output: string;
}

export interface FunctionTool {
  readonly type: "function";
  readonly function: {
    readonly name: string;
    readonly description?: string;
    readonly parameters?: Readonly<Record<string, unknown>>;
    readonly strict?: boolean;
  };
}

export type VariableType = "string" | "number" | "boolean" | "json" | "list";

export interface VariableSpec {
  readonly type: VariableType;
  readonly required?: boolean;
  readonly default?: unknown;
  readonly enum?: readonly unknown[];
  readonly max_length?: number;
  /** The value comes from outside: delimited when rendered, never in a system message. */
  readonly untrusted?: boolean;
  /** The value comes from the service's own code or data alone, so that it may stand in a system message. */
  readonly trusted?: boolean;
}

/** RFC 8785 canonical JSON: what is hashed, so that key order and white space make no new version. */
export function canonicalJson(value: unknown): string {
  const text = canonicalize(value);
  if (text === undefined) throw new TypeError("a value without a JSON form cannot be hashed");
  return text;
}

export interface ModelTarget {
  /** Of the vendors that are built in, or a name of `sluice.providers.yaml`. */
  readonly provider: string;
  readonly model: string;
}

/** Splits `openai/gpt-5.4-mini`; undefined for a text of another form. Whether it can be called, the configuration says. */
export function parseModelTarget(model: string): ModelTarget | undefined {
  const [, provider, name] = MODEL_TARGET.exec(model) ?? [];
  return provider && name ? { provider, model: name } : undefined;
}

const MODEL_TARGET = /^([a-z][a-z0-9-]*)\/(.+)$/s;

/** A request to a model, whichever wire it came by. */
export interface ModelRequest {
  readonly provider: "openai" | "anthropic";
  readonly model: string;
  readonly system: string;
  readonly turns: readonly Turn[];
  readonly tools: readonly Tool[];
  readonly toolChoice: "auto" | "none" | "any" | { readonly name: string };
  /** The JSON Schema that the answer must have. */
  readonly schema: JsonSchema | undefined;
  /** JSON is required, its shape is not. */
  readonly jsonMode: boolean;
  readonly maxTokens: number | undefined;
  /** Takes the place of the server's seed. */
  readonly seed: number | undefined;
  readonly stream: boolean;
}

export interface Turn {
  readonly role: "user" | "assistant" | "tool";
  readonly text: string;
}

export interface Tool {
  readonly name: string;
  readonly description: string;
  readonly schema: JsonSchema;
}

export type JsonSchema = Readonly<Record<string, unknown>>;

export interface ToolCall {
  readonly id: string;
  readonly name: string;
  readonly arguments: unknown;
  /** In place of the arguments' JSON, where that is broken. */
  readonly brokenArguments?: string;
}

export interface ModelReply {
  /** Which rule answered: in the request log, and nowhere else. */
  readonly rule: "support" | "judge" | "schema" | "tool" | "text";
  readonly text: string;
  readonly toolCalls: readonly ToolCall[];
  readonly finish: "stop" | "length" | "tool_calls";
  readonly usage: { readonly inputTokens: number; readonly outputTokens: number };
}

/** The text that decides everything: two requests with the same one get the same answer. */
export function requestText({ system, turns, tools, schema }: ModelRequest): string {
  return JSON.stringify([system, turns, tools, schema ?? null]);
}

/** Tokens are counted as a quarter of the characters, plus four for each message: near enough for costs. */
export function countTokens(text: string): number {
  return Math.ceil(text.length / 4);
}

export function countInput({ system, turns, tools, schema }: ModelRequest): number {
  const shapes = tools.length > 0 || schema ? countTokens(JSON.stringify([tools, schema ?? null])) : 0;
  const messages = [system, ...turns.map((turn) => turn.text)].filter((text) => text !== "");
  return shapes + messages.reduce((sum, text) => sum + countTokens(text) + 4, 0);
}

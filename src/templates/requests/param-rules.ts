import type { Artifact } from "../../domain/prompt/artifact.ts";

import { DEFAULT_MAX_TOKENS } from "./to-anthropic.ts";

type Params = Artifact["params"];

/** Bounds that a vendor documents for a number. */
const BOUNDS: Readonly<Record<string, readonly (readonly [name: string, least: number, most: number])[]>> = {
  openai: [
    ["temperature", 0, 2],
    ["top_p", 0, 1],
    ["presence_penalty", -2, 2],
    ["frequency_penalty", -2, 2],
    ["top_logprobs", 0, 20],
    ["max_tokens", 1, Number.POSITIVE_INFINITY],
    ["max_completion_tokens", 1, Number.POSITIVE_INFINITY],
  ],
  anthropic: [
    ["temperature", 0, 1],
    ["top_p", 0, 1],
    ["top_k", 0, Number.POSITIVE_INFINITY],
    ["max_tokens", 1, Number.POSITIVE_INFINITY],
    ["max_completion_tokens", 1, Number.POSITIVE_INFINITY],
  ],
};

/** Stop sequences that OpenAI takes at most. */
const MOST_STOPS = 4;
/** Tools that OpenAI takes at most. */
const MOST_TOOLS = 128;
/** Tokens that Anthropic's extended thinking takes at least. */
const LEAST_THINKING = 1024;

/**
 * What a vendor takes of its parameters whatever the model is, as parameter and why not: `["stop", ": …"]`. A vendor
 * that only a configuration knows is refused nothing.
 */
export function paramRules(
  provider: string,
  { params, tools = [], messages }: Pick<Artifact, "params" | "tools" | "messages">,
): (readonly [name: string, why: string])[] {
  const found: [string, string][] = [];
  for (const [name, least, most] of BOUNDS[provider] ?? []) {
    const value = params[name];
    if (typeof value !== "number" || (value >= least && value <= most)) continue;
    found.push([
      name,
      most === Number.POSITIVE_INFINITY ? ` below ${least}` : ` outside of ${least} to ${most}`,
    ]);
  }
  const names = tools.map((tool) => tool.function.name);
  const chosen = chosenTool(params["tool_choice"]);
  if (chosen !== undefined && names.length > 0 && !names.includes(chosen))
    found.push(["tool_choice", `: there is no tool ${JSON.stringify(chosen)}`]);
  if (provider === "openai") found.push(...openaiRules(params, names));
  if (provider === "anthropic") found.push(...anthropicRules(params, names, endsWithAssistant(messages)));
  return found;
}

function openaiRules(params: Params, tools: readonly string[]): [string, string][] {
  const { stop, top_logprobs, logprobs, metadata, store } = params;
  const found: [string, string][] = [];
  if (Array.isArray(stop) && stop.length > MOST_STOPS)
    found.push(["stop", ` with more than ${MOST_STOPS} sequences`]);
  if (isSet(top_logprobs) && logprobs !== true) found.push(["top_logprobs", " without logprobs: true"]);
  if (isSet(metadata) && store !== true) found.push(["metadata", " without store: true"]);
  if (tools.length > MOST_TOOLS) found.push(["tools", `: ${MOST_TOOLS} at most, not ${tools.length}`]);
  return found;
}

function anthropicRules(params: Params, tools: readonly string[], prefills: boolean): [string, string][] {
  const { metadata, thinking, temperature, top_k, top_p, tool_choice, stop } = params;
  const found: [string, string][] = [];
  const stops = [stop ?? []].flat();
  if (stops.some((one) => typeof one === "string" && one.trim() === ""))
    found.push(["stop", " of white space alone, so that is not sent"]);
  const extra = Object.keys(metadata ?? {}).find((key) => key !== "user_id");
  if (extra !== undefined) found.push(["metadata", `: it has user_id alone, no ${JSON.stringify(extra)}`]);
  const twice = tools.find((name, index) => tools.indexOf(name) !== index);
  if (twice !== undefined) found.push(["tools", `: two have the name ${JSON.stringify(twice)}`]);
  const { type, budget_tokens: budget } = (thinking ?? {}) as { type?: unknown; budget_tokens?: unknown };
  if (type !== "enabled") return found;
  const limit = params["max_tokens"] ?? params["max_completion_tokens"];
  if (typeof budget !== "number" || budget < LEAST_THINKING)
    found.push(["thinking", ` without budget_tokens of ${LEAST_THINKING} or more`]);
  else if (budget >= (typeof limit === "number" ? limit : DEFAULT_MAX_TOKENS))
    found.push(["thinking", " with budget_tokens that are not below max_tokens"]);
  if (isSet(temperature) && temperature !== 1) found.push(["temperature", " beside thinking; leave it out"]);
  if (isSet(top_k)) found.push(["top_k", " beside thinking; leave it out"]);
  if (typeof top_p === "number" && top_p < 0.95) found.push(["top_p", " under 0.95 beside thinking"]);
  if (tool_choice === "required" || chosenTool(tool_choice) !== undefined || typeOf(tool_choice) === "any")
    found.push(["tool_choice", " that forces a tool beside thinking"]);
  if (prefills) found.push(["thinking", " where the last message is the assistant's"]);
  return found;
}

/** The tool that has to be called, in either vendor's form. */
function chosenTool(choice: unknown): string | undefined {
  const {
    type,
    name,
    function: target,
  } = (choice ?? {}) as {
    type?: unknown;
    name?: unknown;
    function?: { name?: unknown };
  };
  const chosen = target?.name ?? (type === "tool" ? name : undefined);
  return typeof chosen === "string" ? chosen : undefined;
}

function typeOf(value: unknown): unknown {
  return (value as { type?: unknown } | null | undefined)?.type;
}

function endsWithAssistant(messages: Artifact["messages"]): boolean {
  const last = messages.at(-1);
  return last !== undefined && "role" in last && last.role === "assistant";
}

function isSet(value: unknown): boolean {
  return value !== undefined && value !== null;
}

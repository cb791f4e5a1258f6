import { type ModelTarget, parseModelTarget } from "../../../domain/prompt/artifact.ts";
import { invalidInput } from "../../../domain/errors.ts";
import { vendorOf } from "../../../domain/models/vendors.ts";
import { shown } from "../../../domain/text/visible.ts";

const MAX_MODEL = 200;

/** How a vendor's model is asked where it is not the usual way: OpenAI's Responses API. */
export type ModelApi = "responses";

/** Words behind the vendor that name a way of asking a model and are run here. */
const MODE = /^([a-z][a-z0-9-]*):(?:chat|responses|embeddings?|messages):/;

/** A name without the word that says how the model is asked. */
function withoutKind(name: string): string {
  return name.replace(MODE, "$1:");
}

/** Words behind the vendor that name no chat model: other services of it, and agents built on it. */
const OTHERS: Readonly<Record<string, string>> = {
  completion: "OpenAI's older completions are not called",
  image: "images are not generated",
  video: "videos are not generated",
  realtime: "realtime models are not called",
  audio: "audio models are not called",
  speech: "speech is not generated",
  transcription: "speech is not transcribed",
  translation: "speech is not translated",
  assistant: "assistants are not called",
  moderation: "moderation is not called",
  agents: "agents are not run",
  chatkit: "agents are not run",
  "codex-sdk": "agents are not run",
  "codex-app-server": "agents are not run",
  codex: "agents are not run",
  "claude-agent-sdk": "agents are not run",
  "claude-code": "agents are not run",
};

/**
 * Why a provider as promptfoo writes it cannot be asked, by its name; undefined for one that can be.
 *
 * @param configured providers that a file names, beside those that are built in
 */
export function notCalled(id: string, configured: readonly string[] = []): string | undefined {
  const [vendor, kind] = id.split(":");
  const name = shown(id);
  if (kind !== undefined && configured.includes(vendor!)) return undefined;
  if (/^(?:file:\/\/|exec:|package:|\.{0,2}\/)/.test(id) || /\.(?:[cm]?[jt]s|py|rb|go)$/i.test(id))
    return `${name}: providers made by code are not run; write openai:MODEL or anthropic:messages:MODEL`;
  if (/^(?:https?|wss?|webhook|mcp|browser)(?::|$)/.test(id))
    return `${name}: only chat models are asked; write openai:MODEL or anthropic:messages:MODEL`;
  if (vendor === "promptfoo") return `${name}: promptfoo's own providers are not run`;
  const other = kind === undefined || !Object.hasOwn(OTHERS, kind) ? undefined : OTHERS[kind];
  if (vendorOf(vendor!) && other !== undefined)
    return `${name}: ${other}; write openai:MODEL or anthropic:messages:MODEL`;
  if (vendorOf(vendor!) || parseModelTarget(id)) return undefined;
  return `${name} is not a model that Sluice calls; write openai:MODEL or anthropic:messages:MODEL${elsewhere(vendor!, kind)}`;
}

/** What to do about a vendor that may speak OpenAI's chat completions. */
function elsewhere(vendor: string, kind: string | undefined): string {
  return kind !== undefined && /^[a-z][a-z0-9-]*$/.test(vendor)
    ? `, or name ${vendor} in the file that SLUICE_PROVIDERS names, if it speaks OpenAI's protocol`
    : "";
}

/**
 * A model as promptfoo writes it (`openai:gpt-5.4-mini`, `openai:chat:…`, `openai:responses:…`, `openai:embedding:…`,
 * `anthropic:messages:…`) or as Sluice does (`openai/gpt-5.4-mini`). Others are `invalid_input` at `where`.
 */
export function readModelTarget(
  name: string,
  where: string,
  configured: readonly string[] = [],
): ModelTarget & { readonly api?: ModelApi } {
  if (name.length > MAX_MODEL)
    throw invalidInput(`${where}: ${shown(name)}: a model's name has at most ${MAX_MODEL} characters`, {
      where,
    });
  const problem = notCalled(name, configured);
  if (problem !== undefined) throw invalidInput(`${where}: ${problem}`, { where, model: name });
  const target = parseModelTarget(name) ?? parseModelTarget(withoutKind(name).replace(":", "/"));
  if (target) return name.startsWith("openai:responses:") ? { ...target, api: "responses" } : target;
  throw invalidInput(
    `${where}: ${shown(name)} is not a model that Sluice calls; write openai:MODEL or anthropic:messages:MODEL`,
    { where, model: name },
  );
}

import { invalidInput } from "../domain/errors.ts";
import { type Artifact, parseModelTarget } from "../domain/prompt/artifact.ts";
import type { TriedAnswer } from "../domain/shapes/playground.ts";
import { shown } from "../domain/text/visible.ts";
import { secretsIn } from "../evaluation/checks/secrets.ts";
import type { Budget } from "../providers/budget.ts";
import type { CompletionCall } from "../providers/completion.ts";
import type { Providers } from "../providers/create-providers.ts";
import type { Database } from "../storage/database.ts";
import { requireVersion } from "../storage/read/version.ts";
import { compileArtifact } from "../templates/artifact-template.ts";
import { loadPromptFile } from "../templates/load-prompt-file.ts";
import type { PlaceholderMessage } from "../templates/rendered-message.ts";
import { requestsTo } from "../templates/requests/protocol-requests.ts";
import type { Grants } from "../domain/access/grants.ts";
import { resolveIncludes } from "./resolve-includes.ts";
import { versionsIn } from "../storage/read/versions-in.ts";

/** The models that prompts are tried with. */
export type Models = Providers;

export interface PromptToTry {
  readonly prompt: string;
  /** One of its versions, or a file that is being written, without its name. */
  readonly of:
    | { readonly version: number; readonly file?: undefined }
    | { readonly file: Readonly<Record<string, unknown>>; readonly version?: undefined };
  /** Of its variables, and messages of its placeholders; what it has no place for is left out. */
  readonly values: Readonly<Record<string, unknown>>;
  /** In place of what it says itself: `provider/model`, and all of its parameters. */
  readonly model?: string | undefined;
  readonly params?: Readonly<Record<string, unknown>> | undefined;
}

/** A prompt with values in it, ready to be sent. */
export interface ReadyToTry {
  readonly model: string;
  readonly call: Pick<CompletionCall, "target" | "request">;
  readonly warnings: readonly string[];
}

/** The artifact that is tried, includes and all; what is wrong with a file is `invalid_input`. */
export async function artifactToTry(
  db: Database,
  { prompt, of }: Pick<PromptToTry, "prompt" | "of">,
  seen?: Grants,
): Promise<Artifact> {
  if (of.version !== undefined) return (await requireVersion(db, { prompt, number: of.version })).artifact;
  const file = loadPromptFile(JSON.stringify({ name: prompt, ...of.file }), "body.file");
  const artifact = await resolveIncludes(versionsIn(db, seen), file);
  const [secret] = await secretsIn(artifact);
  if (secret)
    throw invalidInput(
      `body.file: ${secret.place} contains what looks like a secret: ${secret.kind}; no model is sent it`,
      { kind: "secret" },
    );
  return artifact;
}

/** The request that the model would get of a service, with these values. */
export function readyToTry(
  written: Artifact,
  { values, model, params }: PromptToTry,
  models: Pick<Models, "wordingOf">,
): ReadyToTry {
  const artifact = { ...written, ...(model !== undefined && { model }), ...(params && { params }) };
  const target = parseModelTarget(artifact.model);
  if (!target)
    throw invalidInput(
      `${shown(artifact.model)} is no model; write provider/model, as in openai/gpt-5.4-mini`,
      { at: "body.model" },
    );
  const { given, placeholders } = valuesFor(artifact, values);
  const { messages, warnings } = compileArtifact(artifact).render(given, { placeholders });
  return {
    model: artifact.model,
    call: { target, request: requestsTo(target, models.wordingOf(target)).ofMessages(artifact, messages) },
    warnings,
  };
}

/** Two versions that are tried with the same values may have different variables. */
function valuesFor({ variables, messages }: Artifact, values: PromptToTry["values"]) {
  const open = new Set(messages.flatMap((one) => ("placeholder" in one ? [one.placeholder] : [])));
  const pick = (isWanted: (name: string) => boolean) =>
    Object.fromEntries(Object.entries(values).filter(([name]) => isWanted(name)));
  return {
    given: pick((name) => Object.hasOwn(variables, name) && !open.has(name)),
    placeholders: pick((name) => open.has(name)) as Record<string, readonly PlaceholderMessage[]>,
  };
}

/** Asks the model once, told as it comes; an answer that breaks off is an error. Nothing of it is kept. */
export async function tryPrompt(
  { model, call }: ReadyToTry,
  {
    models,
    budget,
    signal,
    onText,
  }: {
    readonly models: Pick<Models, "stream">;
    readonly budget: Budget;
    readonly signal: AbortSignal;
    readonly onText: (text: string) => void;
  },
): Promise<TriedAnswer> {
  const { finishReason, refused, toolCalls, usage, costUsd, firstTextMs, latencyMs } = await models.stream(
    { ...call, budget, signal },
    { onText },
  );
  return {
    model,
    finishReason,
    refused,
    toolCalls: toolCalls.map((one) => ({ name: one.name, arguments: one.arguments })),
    tokens: usage.isUnknown ? null : { input: usage.inputTokens, output: usage.outputTokens },
    costUsd,
    firstTextMs: firstTextMs === null ? null : Math.round(firstTextMs),
    latencyMs: Math.round(latencyMs),
  };
}

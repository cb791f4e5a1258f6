import { messageOf, SluiceError } from "../domain/errors.ts";
import { parseModelTarget } from "../domain/prompt/artifact.ts";
import type { EndpointBreaker } from "../providers/breaking/endpoint-breaker.ts";
import type { Budget } from "../providers/budget.ts";
import type { Providers } from "../providers/create-providers.ts";
import type { Tracer } from "../resolver/observing/open-telemetry.ts";
import type { Resolver } from "../resolver/resolver.ts";
import type { ResolvedPrompt } from "../resolver/serving/resolved-prompt.ts";
import { timeOrderedId } from "../resolver/recording/time-ordered-id.ts";
import { askChain } from "./ask-chain.ts";
import { cachedOrAsked } from "./caching/cached-or-asked.ts";
import type { Caching } from "./caching/cache-rules.ts";
import { type Answered, type Call, saidByModel, Telling } from "./call.ts";
import { CallSpan } from "./call-span.ts";
import { CallAccount } from "./call-account.ts";
import type { CallClock } from "./call-clock.ts";
import type { CallLimits } from "./call-limits.ts";
import type { Invocation, InvokeEvent } from "./invocation.ts";
import { Failure, kindOf } from "./failure.ts";
import { InvokeError } from "./invoke-error.ts";
import type { StreamRequest } from "./invoke-request.ts";
import { type Ending, measuresOf } from "./measures.ts";
import type { SpentBudgets } from "./spent-budgets.ts";
import { goOnCheaper, stopOf } from "./stopped-call.ts";
import { targetsOf } from "./targets.ts";

/** What every invocation of an invoker is made with. */
export interface InvokerParts {
  readonly resolver: Pick<Resolver, "resolve" | "record">;
  readonly providers: Providers;
  readonly budget: Budget | undefined;
  readonly tracer?: Tracer | undefined;
  readonly breaker?: EndpointBreaker | undefined;
  /** Budgets of the day that stop calls. */
  readonly budgets?: SpentBudgets | undefined;
  readonly caching?: Caching | undefined;
  /** False: nothing is recorded, as where somebody only tries. */
  readonly records: boolean;
}

export interface Invoking {
  readonly request: StreamRequest;
  readonly limits: CallLimits;
  readonly clock: CallClock;
  /** Told what comes, where somebody reads along. */
  readonly tell: ((event: InvokeEvent) => void) | undefined;
}

/** Resolve, render, ask, read, record: in this order, and the last whatever happens. */
export async function runInvocation(parts: InvokerParts, invoking: Invoking): Promise<Invocation> {
  const { request, clock, limits, tell } = invoking;
  const { resolver, providers, budget } = parts;
  const outcomeId = request.id ?? timeOrderedId();
  const resolved = await clock.orOver(resolver.resolve(requestOf(request))).catch((error: unknown) => {
    throw failed(error, undefined, outcomeId);
  });
  if (request.requireVersion && resolved.versionId === null)
    throw failed(
      new Failure(
        "unresolved",
        `no version is live for ${resolved.prompt || "this model"} (${resolved.reason})`,
      ),
      undefined,
      outcomeId,
    );
  const { messages, warnings } = rendered(resolved, request, outcomeId);
  const { artifact } = resolved;
  // The fallback answers for any version, so it asks the model that was meant.
  const model =
    resolved.versionId === null && parseModelTarget(request.model ?? "") ? request.model! : artifact.model;
  const call: Call = {
    providers,
    budget,
    request,
    limits,
    clock,
    account: new CallAccount(),
    targets: targetsOf({ ...artifact, model }, request.fallbacks),
    at: 0,
    messages,
    telling: new Telling(tell, request.onInterrupt === "restart"),
  };
  const record = (ending: Ending, answeredBy?: string) => {
    call.account.end();
    if (!parts.records || resolved.subject === undefined) return;
    resolver.record(resolved, { id: outcomeId, metrics: measuresOf(call, ending), answeredBy });
  };
  const stop = stopOf(parts.budgets, resolved);
  const span = new CallSpan(parts.tracer, call, resolved);
  try {
    const answered = await cachedOrAsked(call, resolved, parts.caching, async () => {
      if (stop) goOnCheaper(call, stop);
      return answer(call);
    });
    const { completion } = answered;
    for (const one of completion.toolCalls) tell?.({ type: "tool_call", call: one });
    tell?.({ type: "finish", finishReason: completion.finishReason });
    // Of the model that is meant alone: a fallback, or an answer of before, says nothing of what it is now.
    const isOwn = call.at === 0 && (call.account.cached ?? "no") === "no";
    record({ answer: completion }, isOwn ? completion.responseModel : undefined);
    span.answered(call, answered);
    return invocation(parts, call, { answered, resolved, warnings, outcomeId });
  } catch (error) {
    const failure = failed(error, call, outcomeId);
    const kind = failure instanceof InvokeError ? failure.kind : "internal";
    record({ failure: kind });
    span.failed(call, kind, failure.message);
    if (request.otherwise === undefined || clock.ended === "cancelled" || clock.ended === "closed")
      throw failure;
    return instead(parts, call, { resolved, warnings: [...warnings, failure.message], outcomeId });
  }
}

function requestOf(request: StreamRequest) {
  const { prompt, label, tenant, model, unit, attributes, version, pin } = request;
  return pin === undefined ? { prompt, label, tenant, model, unit, attributes, version } : { pin };
}

/** Here an enrolled unit is exposed, and a version that cannot be rendered is recorded by the resolver. */
function rendered(resolved: ResolvedPrompt, request: StreamRequest, outcomeId: string) {
  const { variables, history, placeholders, injection, personalData, fit = true } = request;
  try {
    const { messages, warnings } = resolved.render(variables, {
      history,
      placeholders,
      injection,
      personalData,
      fit,
    });
    return { messages: [...messages], warnings: [...warnings] };
  } catch (error) {
    throw failed(error, undefined, outcomeId);
  }
}

/** Asks until there is an answer that calls no tool which is carried out here. */
async function answer(call: Call): Promise<Answered> {
  const misfits = new Set<string>();
  for (;;) {
    const answered = await askChain(call);
    if (answered.completion.toolCalls.length === 0 || call.request.tools === undefined) return answered;
    const { carryOut, isCarriedOut } = await import("./tool-rounds.ts");
    if (!isCarriedOut(call, answered)) return answered;
    await carryOut(call, answered, misfits);
  }
}

interface Known {
  readonly resolved: ResolvedPrompt;
  readonly warnings: readonly string[];
  readonly outcomeId: string;
}

function invocation(
  parts: InvokerParts,
  call: Call,
  { answered, ...known }: Known & { readonly answered: Answered },
): Invocation {
  const { completion, output, target } = answered;
  const { text, toolCalls, finishReason, refused, responseModel = null } = completion;
  call.messages.push(saidByModel(text, toolCalls));
  return {
    text,
    output,
    toolCalls,
    finishReason,
    refused,
    target: target.name,
    responseModel,
    ...facts(parts, call, known),
  };
}

/** The caller's own answer, where nobody had one. */
function instead(parts: InvokerParts, call: Call, known: Known): Invocation {
  return {
    text: call.request.otherwise!,
    output: undefined,
    toolCalls: [],
    finishReason: "other",
    refused: false,
    target: call.targets[call.at]!.name,
    responseModel: null,
    ...facts(parts, call, known),
  };
}

function facts({ resolver, records }: InvokerParts, call: Call, { resolved, warnings, outcomeId }: Known) {
  const { account, messages, at } = call;
  const { usage, costUsd, elapsedMs, ttftMs, attempts, repaired } = account;
  return {
    messages,
    usage,
    costUsd,
    latencyMs: elapsedMs,
    ttftMs,
    attempts,
    fallback: at > 0,
    repaired,
    cached: account.cached ?? "no",
    prompt: resolved,
    warnings,
    outcomeId,
    record(metrics: Readonly<Record<string, number | boolean>>, { feedback }: { feedback?: string } = {}) {
      if (records && resolved.subject !== undefined) resolver.record(resolved, { metrics, feedback });
    },
  };
}

/** The error that a caller sees. Bad input is said as it is everywhere; what nobody foresaw stays what it was. */
function failed(error: unknown, call: Call | undefined, outcomeId: string): Error {
  const kind = kindOf(error);
  if (kind === undefined)
    return error instanceof Error ? error : new Error(messageOf(error), { cause: error });
  const attempts = call?.account.attempts ?? [];
  const partial = call?.telling.told || undefined;
  const isBrokenOff = partial !== undefined && error instanceof SluiceError && error.code === "unavailable";
  return new InvokeError(
    isBrokenOff ? "interrupted" : kind,
    messageOf(error),
    { attempts, partial, outcomeId },
    {
      cause: error,
      ...(error instanceof SluiceError && { code: error.code, details: error.details }),
    },
  );
}

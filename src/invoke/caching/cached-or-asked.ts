import type { ResolvedPrompt } from "../../resolver/serving/resolved-prompt.ts";
import { mayPass } from "../ask-chain.ts";
import type { Answered, Call } from "../call.ts";
import { kindOf } from "../failure.ts";
import type { Caching } from "./cache-rules.ts";
import { CallCache } from "./call-cache.ts";

/** An answer that was given before where there is one, and may be given; else a model's, kept for others. */
export async function cachedOrAsked(
  call: Call,
  resolved: ResolvedPrompt,
  caching: Caching | undefined,
  ask: () => Promise<Answered>,
): Promise<Answered> {
  const { account, messages, request, telling, providers } = call;
  const target = call.targets[0]!;
  const cache =
    caching &&
    CallCache.of(caching, {
      resolved,
      request,
      target,
      endpoint: providers.endpointOf(target.call),
      wording: providers.wordingOf(target.call),
      messages,
    });
  if (!cache) return ask();
  const told = (given: Answered, cached: "exact" | "stale") => {
    account.cached = cached;
    call.at = 0;
    telling.start(target.name);
    if (telling.isStream) account.ttftMs = account.elapsedMs;
    telling.text(given.completion.text);
    return given;
  };
  account.cached = "no";
  const fresh = await cache.fresh();
  if (fresh) return told(fresh, "exact");
  try {
    const answered = await ask();
    cache.keep(call, answered);
    return answered;
  } catch (error) {
    const kind = kindOf(error);
    const stale = kind !== undefined && mayPass(kind) ? cache.stale() : undefined;
    if (!stale || !telling.mayBeginAgain(kind!)) throw error;
    return told(stale, "stale");
  }
}

import { jittered } from "../domain/jitter.ts";
import type { SluiceError } from "../domain/errors.ts";
import type { Wording } from "../domain/models/vendors.ts";
import { callFailure } from "../providers/call-failure.ts";
import type { CompletionCall } from "../providers/completion.ts";
import { failureKind, isWorthARetry } from "../providers/failure-kinds.ts";
import { costOf } from "../providers/prices.ts";
import { estimateMessageTokens, estimateTokens } from "../resolver/serving/token-counter.ts";
import type { Artifact } from "../domain/prompt/artifact.ts";
import { fixedPrefix, LEAST_CACHED_TOKENS } from "../templates/fixed-prefix.ts";
import type { RenderedMessage } from "../templates/rendered-message.ts";
import { requestsTo } from "../templates/requests/protocol-requests.ts";
import type { Answered, Call } from "./call.ts";
import type { Estimate } from "./call-account.ts";
import { kindOf } from "./failure.ts";
import type { Target } from "./targets.ts";

const FIRST_WAIT_MS = 250;

/** Asks one model, and again where the failure may pass and there is time. `isTold`: the answer is told as it comes. */
export async function askModel(
  call: Call,
  target: Target,
  messages: readonly RenderedMessage[],
  isTold: boolean,
): Promise<Answered["completion"]> {
  const { clock, account, telling, providers, budget } = call;
  const wording = providers.wordingOf(target.call);
  const options = { cache: isWorthKeeping(target.artifact, wording) };
  const request = requestsTo(target.call, wording).ofMessages(target.artifact, messages, options);
  const asked = { target: target.call, request, budget, maxRetries: 0 };
  const price = providers.priceOf(target.call);
  const estimate: Estimate = {
    inputTokens: estimateMessageTokens(messages),
    costOf: (usage) => costOf(usage, price),
  };
  for (let failed = 0; ; failed++) {
    clock.check();
    const began = performance.now();
    try {
      const completion = await (isTold ? streamed(call, asked) : whole(call, asked));
      account.addAnswer(target.name, completion, performance.now() - began, estimate);
      return completion;
    } catch (error) {
      const kind = clock.ended ?? kindOf(error);
      if (kind === undefined) throw error;
      const written = isTold ? telling.told : "";
      account.addFailure(target.name, kind, performance.now() - began, { written, estimate });
      clock.check();
      const wait = waitBefore(call, error, failed);
      if (wait === undefined || (isTold && !telling.mayBeginAgain(kind))) throw error;
      account.retries++;
      await clock.sleep(wait);
    }
  }
}

const worth = new WeakMap<Artifact, boolean>();

/** Whether tools and system messages are the same each time, and long enough for the vendor's prompt cache. */
function isWorthKeeping(artifact: Artifact, wording: Wording): boolean {
  const known = worth.get(artifact);
  if (known !== undefined) return known;
  const { text, hasSystem } = fixedPrefix(artifact, wording);
  const is = hasSystem && estimateTokens(text) >= LEAST_CACHED_TOKENS;
  worth.set(artifact, is);
  return is;
}

/** Milliseconds to wait before the same model is asked again; undefined: another one should be. */
function waitBefore({ limits, clock }: Call, error: unknown, failed: number): number | undefined {
  const kind = failureKind(error);
  if (failed >= limits.maxRetries || kind === undefined || !isWorthARetry(kind)) return undefined;
  const asked = (error as SluiceError).details["retryAfterMs"];
  const isLong = typeof asked === "number" && asked > limits.maxRetryAfterMs;
  const wait = typeof asked === "number" ? asked : jittered(FIRST_WAIT_MS * 2 ** failed, Math.random());
  return isLong || wait >= clock.remainingMs ? undefined : wait;
}

function whole({ providers, clock, limits }: Call, asked: CompletionCall): Promise<Answered["completion"]> {
  const { target } = asked;
  return clock.within(
    limits.attemptMs,
    (signal) => providers.complete({ ...asked, signal }),
    () =>
      callFailure(
        "attempt_timeout",
        { target, endpoint: providers.endpointOf(target) },
        `there was no answer within ${Math.round(limits.attemptMs / 100) / 10} s`,
      ),
  );
}

function streamed(
  { providers, clock, limits, telling, account }: Call,
  asked: CompletionCall,
): Promise<Answered["completion"]> {
  const { firstTokenMs, idleMs, attemptMs } = limits;
  return providers.stream(
    { ...asked, signal: clock.signal },
    {
      limits: { firstTokenMs, idleMs, attemptMs },
      onText(text) {
        if (clock.ended !== undefined) return;
        account.ttftMs ??= account.elapsedMs;
        telling.text(text);
      },
    },
  );
}

import type { Completion, CompletionCall } from "../completion.ts";
import { openPayment } from "../payment.ts";
import type { Price } from "../price.ts";
import { costOf } from "../prices.ts";
import type { ProtocolCaller } from "../protocols/protocol-caller.ts";
import type { Usage } from "../usage.ts";
import { SecretFilter } from "./secret-filter.ts";
import { STREAM_LIMITS, type StreamLimits } from "./watchdog.ts";

export interface Listening {
  /** Told each piece of the text, without any secret of ours. */
  readonly onText: (text: string) => void;
  readonly limits?: Partial<StreamLimits>;
}

export interface StreamedCompletion extends Omit<Completion, "attempts"> {
  /** Until the first piece of text, in milliseconds; null where none came. */
  readonly firstTextMs: number | null;
}

export interface StreamToRun {
  readonly call: CompletionCall;
  readonly price: Price | undefined;
  readonly stream: ProtocolCaller["stream"];
  readonly guard: <T>(run: () => Promise<T>) => Promise<T>;
  readonly secrets: readonly string[];
}

/** One streamed call, paid for. Text that was told cannot be taken back, so it is not tried again. */
export async function streamOnce(
  { call, price, stream, guard, secrets }: StreamToRun,
  { onText, limits }: Listening,
): Promise<StreamedCompletion> {
  const paid = await openPayment(call, price);
  const filter = new SecretFilter(secrets);
  const started = performance.now();
  let firstTextMs: number | null = null;
  let text = "";
  const tell = (piece: string) => {
    if (piece === "") return;
    firstTextMs ??= performance.now() - started;
    text += piece;
    onText(piece);
  };
  const watch = {
    onText: (piece: string) => tell(filter.push(piece)),
    limits: { ...STREAM_LIMITS, ...limits },
  };
  try {
    const answer = await guard(() => stream({ ...call, request: paid.request }, watch));
    tell(filter.end());
    await paid.settle(answer.usage);
    const latencyMs = performance.now() - started;
    return { ...answer, text, latencyMs, firstTextMs, costUsd: costOf(answer.usage, price) };
  } catch (error) {
    // A vendor charges for what it has written, and never says how much that was of a stream that did not end.
    if (text === "") await paid.settleFailed(error);
    else await paid.settle(writtenSoFar(paid.request, text));
    throw error;
  }
}

/** Rather too much than too little: no language has fewer characters to a token than two, by and large. */
function writtenSoFar(request: Readonly<Record<string, unknown>>, text: string): Usage {
  const tokens = (of: string) => Math.ceil(of.length / 2);
  return { inputTokens: tokens(JSON.stringify(request)), outputTokens: tokens(text) };
}

import { boundedCost } from "./budget.ts";
import { callFailure } from "./call-failure.ts";
import { type CallFailureKind, failureKind } from "./failure-kinds.ts";
import type { CompletionCall } from "./completion.ts";
import type { Usage } from "./usage.ts";
import type { Price } from "./price.ts";
import { costOf } from "./prices.ts";

/** One attempt's share of a budget, from before the call until it is known what it cost. */
export interface Payment {
  /** The request to send: with a limit on its output, or its cost would have none. */
  readonly request: Readonly<Record<string, unknown>>;
  settle(usage: Usage): Promise<void>;
  /** After a failure: nothing where the vendor charges nothing, all that was set aside where it may have. */
  settleFailed(error: unknown): Promise<void>;
}

/** Failures before any token was made. After others (an answer that broke off) the vendor may charge. */
const FREE: ReadonlySet<CallFailureKind> = new Set([
  "no_key",
  "auth",
  "address",
  "redirect",
  "model",
  "request",
  "rate_limit",
  "server",
  "overloaded",
  "too_long",
  "content_blocked",
  "connection",
  "html",
  "circuit_open",
]);

/** Reserves an attempt's most from the call's budget; without a budget there is nothing to do. */
export async function openPayment(call: CompletionCall, price: Price | undefined): Promise<Payment> {
  const { budget, request, target, signal } = call;
  if (!budget) return { request, settle: () => Promise.resolve(), settleFailed: () => Promise.resolve() };
  const place = { target, endpoint: target.provider };
  if (!price) throw callFailure("no_price", place, "its price is not known, so no budget can be kept");
  const { request: bounded, mostUsd } = boundedCost(request, price);
  const reservation = await budget.reserve(mostUsd, signal);
  if (!reservation) {
    if (signal?.aborted) throw callFailure("cancelled", place, "the call was cancelled");
    throw callFailure(
      "budget",
      place,
      `the budget has less left than the $${mostUsd.toPrecision(2)} a call may cost`,
    );
  }
  return {
    request: bounded,
    settle: (usage) => reservation.settle(costOf(usage, price) ?? mostUsd),
    settleFailed: (error) =>
      reservation.settle(FREE.has(failureKind(error) as CallFailureKind) ? 0 : mostUsd),
  };
}

import { boundedCost } from "../providers/budget.ts";
import type { Providers } from "../providers/create-providers.ts";
import type { RenderedMessage } from "../templates/rendered-message.ts";
import { requestsTo } from "../templates/requests/protocol-requests.ts";
import type { Target } from "./targets.ts";

/** What a model would be sent, and the most that it may cost in US dollars; null where the price is not known. */
export function mostCostOf(
  { call, artifact }: Target,
  messages: readonly RenderedMessage[],
  providers: Pick<Providers, "priceOf" | "wordingOf">,
): { readonly request: Readonly<Record<string, unknown>>; readonly mostUsd: number | null } {
  const request = {
    ...requestsTo(call, providers.wordingOf(call)).ofMessages(artifact, messages),
    model: call.model,
  };
  const price = providers.priceOf(call);
  return { request, mostUsd: price ? boundedCost(request, price).mostUsd : null };
}

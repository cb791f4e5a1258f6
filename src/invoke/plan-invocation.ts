import type { Providers } from "../providers/create-providers.ts";
import type { ResolvedPrompt } from "../resolver/serving/resolved-prompt.ts";
import { estimateMessageTokens } from "../resolver/serving/token-counter.ts";
import { compileArtifact } from "../templates/artifact-template.ts";
import type { InvokeRequest } from "./invoke-request.ts";
import { mostCostOf } from "./most-cost.ts";
import { targetsOf } from "./targets.ts";

/** A call as it would be made of one model. */
export interface PlannedTarget {
  /** `provider/model`. */
  readonly target: string;
  /** Base URL; null where the provider is not known here. */
  readonly endpoint: string | null;
  /** In US dollars; null where the price is not known. */
  readonly mostUsd: number | null;
  readonly request: Readonly<Record<string, unknown>>;
}

export interface PlannedInvocation {
  readonly prompt: string;
  readonly version: number | null;
  readonly arm: string;
  /** An estimate, of the input. */
  readonly tokens: number;
  readonly warnings: readonly string[];
  /** In the order in which they are asked. */
  readonly targets: readonly PlannedTarget[];
}

/** What an invocation would send, and to whom; nothing is sent, nobody is exposed. */
export function planInvocation(
  served: ResolvedPrompt,
  { variables, history, placeholders, fallbacks }: InvokeRequest,
  providers: Pick<Providers, "priceOf" | "endpointOf" | "wordingOf">,
): PlannedInvocation {
  const { artifact, prompt, version, arm } = served;
  const { messages, warnings } = compileArtifact(artifact).render(variables, { history, placeholders });
  const targets = targetsOf(artifact, fallbacks).map((target): PlannedTarget => ({
    target: target.name,
    endpoint: endpointOf(() => providers.endpointOf(target.call)),
    ...mostCostOf(target, messages, providers),
  }));
  const tokens = estimateMessageTokens(messages);
  return { prompt, version, arm, tokens, warnings, targets };
}

function endpointOf(find: () => string): string | null {
  try {
    return find();
  } catch {
    return null;
  }
}

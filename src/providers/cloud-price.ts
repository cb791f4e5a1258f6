import { bedrockProfile, claudeAt } from "../domain/models/claude-names.ts";
import { type ModelTarget, parseModelTarget } from "../domain/prompt/artifact.ts";
import { nameAt } from "./cloud.ts";
import type { CloudAddressing } from "./configured-provider.ts";
import type { Price, PriceTable } from "./price.ts";
import { priceOf } from "./prices.ts";

/** What clouds ask beside Anthropic's own price for answering in a part of the world, and for the US government. */
const REGIONAL = 1.1;
const GOVERNMENT = 1.2;

/** What a cloud asks for a Claude; undefined where Anthropic's own price is not known. */
export function cloudPrice(
  { model }: Pick<ModelTarget, "model">,
  cloud: CloudAddressing,
  prices: PriceTable,
): Price | undefined {
  const name = nameAt(cloud, model);
  const own = priceOf(parseModelTarget(claudeAt(`cloud/${name}`))!, prices);
  return own && times(own, surcharge(name, cloud));
}

function surcharge(name: string, { region, project }: CloudAddressing): number {
  if (project !== undefined) return region === "global" ? 1 : REGIONAL;
  const profile = bedrockProfile(name);
  if (profile === "us-gov" || region.startsWith("us-gov-")) return GOVERNMENT;
  return profile === undefined || profile === "global" ? 1 : REGIONAL;
}

function times({ input, output, cached_input, cache_write }: Price, factor: number): Price {
  const by = <T extends number | undefined>(price: T) =>
    (price === undefined ? undefined : Number((price * factor).toPrecision(12))) as T;
  return {
    input: by(input),
    output: by(output),
    cached_input: by(cached_input),
    cache_write: by(cache_write),
  };
}

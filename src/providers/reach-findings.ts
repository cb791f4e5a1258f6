import { type Artifact, parseModelTarget } from "../domain/prompt/artifact.ts";
import type { Finding } from "../domain/finding.ts";
import { vendorOf } from "../domain/models/vendors.ts";
import type { ConfiguredProvider } from "./configured-provider.ts";
import { unknownProvider } from "./reach.ts";

/** What is to be known of how a version's model is reached from here, as warnings: elsewhere it may be another way. */
export function reachFindings(
  { model, params }: Pick<Artifact, "model" | "params">,
  configured: Readonly<Record<string, ConfiguredProvider>> = {},
): Finding[] {
  const target = parseModelTarget(model);
  if (!target || vendorOf(target.provider)) return [];
  if (!Object.hasOwn(configured, target.provider))
    return [
      {
        code: "provider_unknown",
        severity: "warning",
        message: `${model}: ${unknownProvider(target.provider, Object.keys(configured))}`,
      },
    ];
  return configured[target.provider]!.drops.filter((name) => Object.hasOwn(params, name)).map((name) => ({
    code: "param_ignored",
    severity: "warning",
    message: `${model}: ${name} is not sent: ${target.provider}.drops in the providers file names it`,
  }));
}

import { VENDORS } from "../../domain/models/vendors.ts";
import type { Environment } from "../machine.ts";

export interface WorkerParts {
  readonly databaseUrl: string;
  readonly temporalAddress: string;
  /** Temporal is the user's own: their TEMPORAL_ variables say how to reach it. */
  readonly ownTemporal: boolean;
  /** A profile file that says nothing: those of the user are about other servers than ours. */
  readonly noProfiles: string;
  readonly modelServerUrl: string | undefined;
  /** Model calls go to the scripted model whatever is set: nothing may cost money. */
  readonly onlyScriptedModel: boolean;
}

/**
 * What a stack's worker gets as its environment: the user's, with database and Temporal of the stack, and
 * the scripted model where the user has named neither key nor endpoint of a provider.
 */
export function workerEnvironment(env: Environment, parts: WorkerParts): Record<string, string> {
  const found: Record<string, string> = {};
  for (const [name, text] of Object.entries(env)) if (text !== undefined) found[name] = text;
  const forget = (pattern: RegExp) => {
    for (const name of Object.keys(found)) if (pattern.test(name)) delete found[name];
  };
  forget(/^DATABASE_(LISTEN_)?URL(_FILE)?$/);
  found["DATABASE_URL"] = parts.databaseUrl;
  if (!parts.ownTemporal) {
    forget(/^TEMPORAL_/);
    found["TEMPORAL_ADDRESS"] = parts.temporalAddress;
    found["TEMPORAL_NAMESPACE"] = "default";
    found["TEMPORAL_CONFIG_FILE"] = parts.noProfiles;
  }
  // Another stack of this machine has the usual places.
  found["SLUICE_METRICS_LISTEN"] ??= "off";
  for (const { variables: prefix, path } of Object.values(VENDORS)) {
    const named = ["API_KEY", "API_KEY_FILE", "BASE_URL"].some((part) => found[`${prefix}_${part}`]?.trim());
    if (parts.modelServerUrl === undefined || (named && !parts.onlyScriptedModel)) continue;
    forget(new RegExp(`^${prefix}_(API_KEY|API_KEY_FILE|BASE_URL)$`));
    found[`${prefix}_API_KEY`] = "local";
    found[`${prefix}_BASE_URL`] = `${parts.modelServerUrl}${path}`;
  }
  return found;
}

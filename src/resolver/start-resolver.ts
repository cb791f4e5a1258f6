import { LastKnownGood } from "./snapshot/last-known-good.ts";
import type { ResolverOptions } from "./options.ts";
import { Resolver } from "./resolver.ts";
import { readSettings } from "./settings.ts";
import type { Source } from "./sources/source.ts";
import { openTokenCounter } from "./serving/token-counter.ts";
import { OptionCheck } from "./unknown-options.ts";
import { Warnings } from "./observing/warnings.ts";

/** Scopes that one request looks at, at most. */
const LEVELS = 6;

/** A resolver that runs, with its snapshot read but nothing preloaded. */
export async function startResolver(options: ResolverOptions, source: Source): Promise<Resolver> {
  const settings = readSettings(options, source);
  const warnings = new Warnings(settings.onWarning);
  const check = new OptionCheck(warnings);
  check.look("createResolver()", options);
  check.look("createResolver({ cache })", options.cache);
  check.look("createResolver({ recording })", options.recording);
  const tokens = await openTokenCounter(options.tokens);
  const { snapshotFile } = options;
  const lastKnownGood =
    snapshotFile === undefined ? undefined : new LastKnownGood(snapshotFile, settings.max * LEVELS, warnings);
  await lastKnownGood?.open();
  return new Resolver(settings, warnings, tokens, lastKnownGood, check);
}

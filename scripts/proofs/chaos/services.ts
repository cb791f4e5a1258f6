import { setTimeout as delay } from "node:timers/promises";
import { createResolver, type Resolver } from "../../../src/resolver/index.ts";
import type { ScopeColumns } from "../../../src/domain/scope.ts";
import type { Sample } from "./history.ts";

const UNITS = 300;
const TURN_MS = 25;

/** Services whose users come, are served and rate it; what each was served is kept. */
export interface Services {
  readonly samples: Sample[];
  stop(): Promise<void>;
}

export async function startServices(
  source: string,
  scopes: readonly ScopeColumns[],
  random: () => number,
): Promise<Services> {
  const samples: Sample[] = [];
  const stopped = new AbortController();
  const open = () =>
    createResolver({
      source,
      preload: scopes.map(({ prompt, tenant }) => ({ prompt, tenant })),
      pollMs: 1_000,
      onWarning: () => undefined,
      fleet: true,
      recording: { flushMs: 100 },
    });
  const resolvers = await Promise.all([open(), open()]);
  const serve = async (resolver: Resolver) => {
    while (!stopped.signal.aborted) {
      for (const scope of scopes) samples.push(await visit(resolver, scope, random));
      await delay(TURN_MS);
    }
    await resolver.close();
  };
  const serving = resolvers.map(serve);
  return {
    samples,
    async stop() {
      stopped.abort();
      await Promise.all(serving);
    },
  };
}

async function visit(resolver: Resolver, scope: ScopeColumns, random: () => number): Promise<Sample> {
  const unit = `user-${Math.floor(random() * UNITS)}`;
  const at = Date.now();
  const prompt = await resolver.resolve({ prompt: scope.prompt, tenant: scope.tenant, unit });
  prompt.render({ words: "hello" });
  resolver.record(prompt, { metrics: { rating: 3 + random() } });
  const { revision, arm, rolloutId, epoch, source } = prompt;
  const isStale = source !== "memory" && source !== "store";
  return { at, scope: scope.tenant, unit, revision, arm, rolloutId, epoch, isStale };
}

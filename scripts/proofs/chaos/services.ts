import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { unitDigest } from "../../../src/digest.ts";
import { createResolver, type Resolver } from "../../../src/resolver/index.ts";
import type { ScopeColumns } from "../../../src/domain/scope.ts";
import type { Door, Sample } from "./history.ts";
import { type RepeatedSource, repeating } from "./repeating-source.ts";

const USERS = 300;
const TURN_MS = 60;

/** Where a service gets its prompts from. */
export interface ServedBy {
  readonly door: Door;
  readonly source: string;
}

export interface Serving {
  readonly services: readonly ServedBy[];
  readonly scopes: readonly ScopeColumns[];
  /** Holds their snapshots. */
  readonly folder: string;
  readonly random: () => number;
  /** How many there are in all. */
  readonly users?: number;
}

/** Services whose users come, are served and rate it; what each was served is kept. */
export interface Services {
  readonly samples: Sample[];
  /** Outcomes that a store has said that it has. */
  readonly taken: Set<string>;
  /** Ends one as if it were killed, and starts it again from its snapshot. */
  restart(choice: number): Promise<void>;
  stop(): Promise<void>;
}

export async function startServices(serving: Serving): Promise<Services> {
  const { services, scopes, folder, random, users = USERS } = serving;
  const someone = () => `user-${Math.floor(random() * users)}`;
  const samples: Sample[] = [];
  const taken = new Set<string>();
  const stopped = new AbortController();
  const open = async (at: number): Promise<Running> => {
    const { source } = services[at]!;
    const repeated = await repeating(source, random, taken);
    const resolver = await createResolver({
      source: repeated,
      preload: scopes.map(({ prompt, tenant }) => ({ prompt, tenant })),
      pollMs: 1_000,
      snapshotFile: join(folder, `service-${at}.json`),
      onWarning: () => undefined,
      fleet: true,
      recording: { flushMs: 250 },
    });
    return { resolver, repeated };
  };
  const running = await Promise.all(services.map((_, at) => open(at)));
  const serve = async (at: number) => {
    while (!stopped.signal.aborted) {
      for (const scope of scopes)
        samples.push(await visit(running[at]!.resolver, services[at]!.door, scope, someone(), random));
      await delay(TURN_MS);
    }
    await running[at]!.resolver.close();
  };
  const serves = services.map((_, at) => serve(at));
  return {
    samples,
    taken,
    async restart(choice) {
      const at = Math.floor(choice * services.length);
      const before = running[at]!;
      running[at] = await open(at);
      before.repeated.cutOff();
      await before.resolver.close();
    },
    async stop() {
      stopped.abort();
      await Promise.all(serves);
    },
  };
}

interface Running {
  readonly resolver: Resolver;
  readonly repeated: RepeatedSource;
}

async function visit(
  resolver: Resolver,
  door: Door,
  scope: ScopeColumns,
  unit: string,
  random: () => number,
): Promise<Sample> {
  const at = Date.now();
  const prompt = await resolver.resolve({ prompt: scope.prompt, tenant: scope.tenant, unit });
  prompt.render({ words: "hello" });
  resolver.record(prompt, { metrics: { rating: 3 + random() } });
  const { revision, arm, rolloutId, epoch, source, versionId } = prompt;
  const isStale = source !== "memory" && source !== "store";
  return {
    at,
    door,
    scope: scope.tenant,
    unit,
    digest: unitDigest(scope.tenant, unit),
    version: versionId,
    revision,
    arm,
    rolloutId,
    epoch,
    isStale,
    isFallback: source === "fallback",
  };
}

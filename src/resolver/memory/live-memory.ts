import type { ScopeColumns } from "../../domain/scope.ts";
import { ColdLoads, type LoadEnd } from "../serving/cold-loads.ts";
import { FleetReport } from "../recording/fleet-report.ts";
import type { LastKnownGood } from "../snapshot/last-known-good.ts";
import { Freshness } from "./freshness.ts";
import type { LoadedVersion } from "../serving/loaded-version.ts";
import { Memory } from "./memory.ts";
import type { InvalidateRequest } from "../options.ts";
import type { Route } from "../serving/route-cache.ts";
import type { ReadRequest } from "../serving/read-request.ts";
import type { Reason } from "../serving/reason.ts";
import type { ResolverSettings } from "../settings.ts";
import { StoreReader } from "./store-reader.ts";
import type { Warnings } from "../observing/warnings.ts";
import { messageOf } from "../../domain/errors.ts";

/** The memory, and the reader that keeps it as the store is. */
export class LiveMemory {
  readonly #settings: ResolverSettings;
  readonly #memory: Memory;
  readonly #reader: StoreReader;
  readonly #loads = new ColdLoads();
  readonly #warnings: Warnings;
  readonly #fleet: FleetReport | undefined;
  readonly #freshness = new Freshness(() => this.#reader.confirmedAt);
  constructor(settings: ResolverSettings, warnings: Warnings, lastKnownGood: LastKnownGood | undefined) {
    this.#settings = settings;
    this.#warnings = warnings;
    this.#memory = new Memory({
      label: settings.label,
      max: settings.max,
      fallback: settings.fallback,
      lastKnownGood,
      onProblem: (problem, request) =>
        warnings.report(problem.reason, problem.message, { ...request, versionId: problem.id }),
    });
    this.#reader = this.#makeReader();
    const { source, label, fleet } = settings;
    if (fleet && source.reportServing)
      this.#fleet = new FleetReport({ source, label, warnings, held: () => this.#memory.held() });
  }

  /** Under which `sluice fleet` lists this resolver; undefined where it does not. */
  get fleetId(): string | undefined {
    return this.#fleet?.id;
  }

  start(): void {
    this.#reader.start();
  }

  get unreachable(): boolean {
    return this.#reader.unreachable;
  }

  /** What `source` says of what memory serves. */
  get freshness(): "memory" | "stale" {
    return this.#freshness.now;
  }

  /** And of what has just been asked for, which a source that is cut off answers as it was. */
  get answering(): "store" | "stale" {
    return this.freshness === "stale" ? "stale" : "store";
  }

  /** How long ago all of it was last known to be as the store has it, in ms. */
  get ageMs(): number {
    return performance.now() - this.#reader.confirmedAt;
  }

  get routes(): number {
    return this.#memory.routes.size;
  }

  get versions(): number {
    return this.#memory.versionCount;
  }

  get loading(): number {
    return this.#loads.size;
  }

  /** The route of a request as it is spelt, marked as used. */
  find(
    label: string | undefined,
    prompt: string,
    model: string | undefined,
    tenant: string | undefined,
  ): Route | undefined {
    const route = this.#memory.routes.find(label, prompt, model, tenant);
    if (route !== undefined) route.usedAt = this.#reader.polledMs;
    return route;
  }

  /** Made without asking, where other requests have brought all that it needs. */
  route(read: ReadRequest, kept: boolean): Route | undefined {
    return this.#memory.route(read, { kept, usedAt: this.#reader.polledMs });
  }

  /** What the snapshot has of a request that is on its way. */
  provisionalRoute(read: ReadRequest, reason: Reason, kept: boolean): Route | undefined {
    // Without a load that replaces it, it would stay for good.
    if (!this.#loads.has(read)) return undefined;
    return this.#memory.provisionalRoute(read, reason, { kept, usedAt: this.#reader.polledMs });
  }

  /** Brings a request into memory; one that is on its way already is waited for, not asked for again. */
  load(read: ReadRequest, timeoutMs: number, kept: boolean): Promise<LoadEnd> {
    return this.#loads.wait(read, timeoutMs, kept, () => this.#reader.want(this.#unknown(read)));
  }

  version(id: string): LoadedVersion | undefined {
    return this.#memory.version(id);
  }

  versionNumbered(prompt: string, number: number): LoadedVersion | undefined {
    return this.#memory.versionNumbered(prompt, number);
  }

  /** Answers with the routes that were to be kept, and are not any more. */
  forget(which: InvalidateRequest): Route[] {
    return this.#memory.forget(which, this.#settings.aliases);
  }

  /** Nothing is asked any more at once; settles when the store knows that this resolver is gone, or soon after. */
  async close(): Promise<void> {
    this.#reader.close();
    this.#loads.clear();
    await this.#fleet?.close();
  }

  #unknown(read: ReadRequest): ScopeColumns[] {
    return read.scopes.filter((scope) => this.#memory.isUnknown(scope));
  }

  #makeReader(): StoreReader {
    const { source, pollMs, ttlMs } = this.#settings;
    return new StoreReader({
      source,
      pollMs,
      // What is still on its way may have been read before the move.
      matters: (scope) => this.#memory.entry(scope) !== undefined || this.#loads.size > 0,
      inMemory: () => {
        if (!this.#reader.unreachable) this.#memory.forgetUnused(this.#reader.polledMs - ttlMs);
        return this.#memory.scopes();
      },
      have: () => this.#memory.usableVersionIds(),
      onAnswer: (scopes, answer, askedAt) => {
        this.#memory.learn(scopes, answer, askedAt);
        this.#fleet?.learned(answer.pointers);
        this.#loads.settle((read, kept) => this.route(read, kept) !== undefined);
        // Something they shared with others was forgotten meanwhile.
        for (const read of this.#loads.requests()) this.#reader.want(this.#unknown(read));
      },
      onUnreachable: (unreachable, error) => {
        if (!unreachable) return;
        this.#loads.giveUpWaiting();
        const why = messageOf(error);
        // Postgres' word for a server whose places are all taken: what helps then is another thing.
        const isFull = (error as { code?: unknown } | undefined)?.code === "53300";
        const what = isFull ? "is full: it has no connection left" : "cannot be reached";
        this.#warnings.report(
          "store_unreachable",
          `${source.name} ${what} (${why}): serving what is in memory`,
        );
      },
      onStale: () =>
        this.#warnings.report(
          "stale",
          `what is served may be older than 5 s: ${source.name} does not answer`,
        ),
    });
  }
}

import type { CircuitAnswer, CircuitExchange } from "../domain/models/circuits.ts";
import type { SpentBudget } from "../domain/monitors/spent-budget.ts";
import { messageOf } from "../domain/errors.ts";
import { Responder } from "./serving/responder.ts";
import type { LoadEnd } from "./serving/cold-loads.ts";
import type { LastKnownGood } from "./snapshot/last-known-good.ts";
import { LiveMemory } from "./memory/live-memory.ts";
import { NamedVersions } from "./serving/named-versions.ts";
import { publishMetrics } from "./observing/open-telemetry.ts";
import type { InvalidateRequest, PinnedRequest, PreloadRequest, ResolveRequest } from "./options.ts";
import type { Outcome } from "./recording/outcome.ts";
import type { Route } from "./serving/route-cache.ts";
import { renderWarnings } from "./observing/render-warnings.ts";
import { serve } from "./serving/route.ts";
import type { Reason } from "./serving/reason.ts";
import { isPinned, readRequest, type ReadRequest } from "./serving/read-request.ts";
import { type CallerReports, callerReports } from "./recording/caller-reports.ts";
import { Recording } from "./recording/recording.ts";
import type { ResolvedPrompt } from "./serving/resolved-prompt.ts";
import { Tally, type ResolverMetrics } from "./observing/resolver-metrics.ts";
import type { ResolverSettings } from "./settings.ts";
import type { TokenCounter } from "./serving/token-counter.ts";
import type { OptionCheck } from "./unknown-options.ts";
import type { Warnings } from "./observing/warnings.ts";

/** How long a resolve waits for the store when the snapshot has an answer, which may be old. In ms. */
const SAVED_TIMEOUT_MS = 100;
/** One resolution in this many (less one) is timed. */
const SAMPLED = 1_023;
/** So many of the first ones too, so that a mistake in a request is told at once. */
const LOOKED_AT = 32;
type AnyRequest = ResolveRequest & PinnedRequest;
const NO_REQUEST: ResolveRequest = { prompt: "" };
const noop = () => undefined;

/** Serves prompts from memory, and keeps the memory as the store is. Made by `createResolver`. */
export class Resolver {
  readonly #settings: ResolverSettings;
  readonly #warnings: Warnings;
  readonly #check: OptionCheck;
  readonly #lastKnownGood: LastKnownGood | undefined;
  readonly #tally = new Tally();
  readonly #recording: Recording;
  readonly #callers: CallerReports | undefined;
  readonly #responder: Responder;
  readonly #memory: LiveMemory;
  readonly #named: NamedVersions;
  readonly #published: ReturnType<typeof publishMetrics> | undefined;
  #closed: Promise<void> | undefined;

  /** Starts at once; use `createResolver`. */
  constructor(
    settings: ResolverSettings,
    warnings: Warnings,
    tokens: TokenCounter,
    lastKnownGood: LastKnownGood | undefined,
    check: OptionCheck,
  ) {
    this.#check = check;
    this.#settings = settings;
    this.#warnings = warnings;
    this.#lastKnownGood = lastKnownGood;
    this.#recording = new Recording(settings, this.#tally, warnings);
    this.#callers = callerReports(settings);
    const services = {
      tokens,
      fallbackModels: settings.fallbackModels,
      expose: this.#recording.expose.bind(this.#recording),
      warned: renderWarnings(this.#tally, warnings),
      renderFailed: this.#recording.renderFailed.bind(this.#recording),
      look: (options: unknown) => check.look("render()", options),
      called: this.#callers?.note.bind(this.#callers) ?? noop,
    };
    this.#responder = new Responder(settings, lastKnownGood, services, this.#tally, warnings);
    this.#memory = new LiveMemory(settings, warnings, lastKnownGood);
    this.#named = new NamedVersions(settings, this.#memory, this.#responder, lastKnownGood);
    if (settings.meter) this.#published = publishMetrics(settings.meter, () => this.metrics());
    this.#memory.start();
  }

  /**
   * What this request is served now. Never rejects, and waits only when there is nothing to serve at all,
   * then for `coldTimeoutMs` at most; `source` and `reason` say what it came to.
   */
  resolve(request: ResolveRequest | PinnedRequest): Promise<ResolvedPrompt> {
    try {
      const route = this.#find(request);
      return route === undefined
        ? this.#resolveCold(request)
        : Promise.resolve(this.#serve(route, request as ResolveRequest));
    } catch (error) {
      return Promise.resolve(this.#responder.unreadable(error));
    }
  }

  /** The same from memory alone: what is not there yet is fetched for the next time, and the fallback served. */
  resolveSync(request: ResolveRequest | PinnedRequest): ResolvedPrompt {
    try {
      const route = this.#find(request);
      return route === undefined
        ? this.#resolveColdSync(request)
        : this.#serve(route, request as ResolveRequest);
    } catch (error) {
      return this.#responder.unreadable(error);
    }
  }

  /** The same where it is in memory; undefined where `resolve` would have to ask the store, which is not asked. */
  resolveKnown(request: ResolveRequest): ResolvedPrompt | undefined {
    const route = this.#find(request);
    return route && this.#serve(route, request);
  }

  #find(request: ResolveRequest | PinnedRequest): Route | undefined {
    const { prompt = "", label, model, tenant, version, pin } = (request ?? NO_REQUEST) as AnyRequest;
    if (version !== undefined || pin !== undefined) return undefined;
    return this.#memory.find(label, prompt, model, tenant);
  }

  #serve(route: Route, request: ResolveRequest): ResolvedPrompt {
    const { unit, attributes } = request;
    if (attributes !== undefined && attributes !== null)
      return this.#responder
        .hit(serve(route.state, unit), unit, this.#memory.freshness)
        .describe({ attributes });
    const { hits } = this.#tally;
    if (hits < LOOKED_AT) this.#check.look("resolve()", request);
    if ((hits & SAMPLED) === SAMPLED) return this.#serveTimed(route, request);
    return this.#responder.hit(serve(route.state, unit), unit, this.#memory.freshness);
  }

  #serveTimed(route: Route, request: ResolveRequest): ResolvedPrompt {
    this.#check.look("resolve()", request);
    const { unit } = request;
    const startedAt = performance.now();
    const prompt = this.#responder.hit(serve(route.state, unit), unit, this.#memory.freshness);
    this.#tally.memory.add(performance.now() - startedAt);
    return prompt;
  }

  async #resolveCold(request: ResolveRequest | PinnedRequest): Promise<ResolvedPrompt> {
    const startedAt = performance.now();
    try {
      this.#check.look("resolve()", request);
      if (isPinned(request)) return await this.#named.resolvePin(request.pin);
      const read = this.#read(request);
      if (typeof read === "string") return this.#responder.refused(request, read);
      if (request.version !== undefined)
        return await this.#named.resolve(read, request.version, request.unit);
      const route = this.#memory.route(read, false);
      if (route) return this.#serve(route, request);
      const loaded = await this.#resolveLoading(read, request.unit);
      return request.attributes ? loaded.describe({ attributes: request.attributes }) : loaded;
    } catch (error) {
      return this.#responder.unreadable(error);
    } finally {
      const took = performance.now() - startedAt;
      this.#tally.cold.add(took);
      this.#published?.cold(took);
    }
  }

  #resolveColdSync(request: ResolveRequest | PinnedRequest): ResolvedPrompt {
    this.#check.look("resolve()", request);
    if (isPinned(request)) return this.#named.resolvePinSync(request.pin);
    const read = this.#read(request);
    if (typeof read === "string") return this.#responder.refused(request, read);
    if (request.version !== undefined) return this.#named.resolveSync(read, request.version, request.unit);
    const route = this.#memory.route(read, false);
    if (route) return this.#serve(route, request);
    if (this.#closed) return this.#responder.lastResort(read, "closed", request.unit);
    void this.#load(read);
    return this.#saved(read, "cold", request.unit);
  }

  async #resolveLoading(read: ReadRequest, unit: unknown): Promise<ResolvedPrompt> {
    this.#tally.misses++;
    if (this.#closed) return this.#responder.lastResort(read, "closed", unit);
    const loading = this.#load(read);
    const end = this.#memory.unreachable ? "store_unreachable" : await loading;
    if (end !== "ready") return this.#saved(read, end, unit);
    const { label, prompt, model, tenant } = read.requested;
    const route = this.#memory.find(label, prompt, model, tenant);
    // Forgotten again in the moment between: too many others wanted its place.
    if (!route) return this.#responder.lastResort(read, "timeout", unit);
    const serving = serve(route.state, unit);
    if (serving.source === "fallback") this.#responder.sayFallback(read, serving.reason);
    return this.#responder.served(serving, unit, serving.source ?? this.#memory.answering);
  }

  /** Waits shortly only where the snapshot can answer too. */
  #load(read: ReadRequest): Promise<LoadEnd> {
    const { coldTimeoutMs } = this.#settings;
    const saved = this.#lastKnownGood?.serving(read.served, read.scopes) !== undefined;
    return this.#memory.load(read, saved ? Math.min(coldTimeoutMs, SAVED_TIMEOUT_MS) : coldTimeoutMs, false);
  }

  /** Not in memory: the snapshot's until the store answers, or else the fallback. */
  #saved(read: ReadRequest, reason: Reason, unit: unknown): ResolvedPrompt {
    this.#memory.provisionalRoute(read, reason, false);
    return this.#responder.lastResort(read, reason, unit);
  }

  #read(request: PreloadRequest): ReadRequest | string {
    return readRequest(request, this.#settings.label, this.#settings.aliases);
  }

  /**
   * Records what came of a resolution (or of the token of one, from another process), soon and in the
   * background. Never throws: what cannot be recorded is counted and warned of.
   */
  record(of: ResolvedPrompt | string, outcome: Outcome): void {
    try {
      this.#check.look("record()", outcome);
      this.#recording.record(of, outcome);
    } catch (error) {
      this.#recording.refuse(`it could not be read: ${messageOf(error)}`);
    }
  }

  /** Sends what has been recorded so far; settles when the store has it, or it has been given up. */
  async flush(): Promise<void> {
    await this.#recording.flush();
  }

  /**
   * Forgets what matches all the parts that are given (none: everything), so that the next resolve asks
   * the store. What was preloaded is fetched again at once.
   */
  invalidate(which: InvalidateRequest = {}): void {
    for (const { requested } of this.#memory.forget(which)) void this.#preloadOne(requested);
  }

  /** Brings these into memory to stay. Settles when they are, or after `preloadTimeoutMs`. */
  async preload(requests: readonly (string | PreloadRequest)[]): Promise<void> {
    await Promise.all(
      requests.map((request) =>
        this.#preloadOne(typeof request === "string" ? { prompt: request } : request),
      ),
    );
  }

  async #preloadOne(request: PreloadRequest): Promise<void> {
    let read: ReadRequest | string;
    try {
      read = this.#read(request);
    } catch (error) {
      return this.#warnings.report("invalid_request", `the request could not be read: ${messageOf(error)}`);
    }
    if (typeof read === "string") return this.#warnings.report("invalid_request", read, { request });
    if (this.#closed || this.#memory.route(read, true)) return;
    const end = await this.#memory.load(read, this.#settings.preloadTimeoutMs, true);
    if (end !== "ready") this.#memory.provisionalRoute(read, end, true);
  }

  /** The id under which `sluice fleet` lists this resolver; undefined where it does not. */
  get fleetId(): string | undefined {
    return this.#memory.fleetId;
  }

  /** What invokers tell each other of endpoints that fail, through the source; undefined where it has no place for it. */
  async exchangeCircuits(exchange: CircuitExchange): Promise<CircuitAnswer | undefined> {
    return this.#settings.source.exchangeCircuits?.(exchange);
  }

  /** The budgets of today that are spent and stop calls; undefined where the source knows of none such. */
  async readSpentBudgets(): Promise<readonly SpentBudget[] | undefined> {
    return this.#settings.source.readSpentBudgets?.();
  }

  metrics(): ResolverMetrics {
    const { routes: plans, versions, loading, unreachable, freshness, ageMs } = this.#memory;
    return this.#tally.report({
      cache: { plans, versions: versions + this.#named.size, loading },
      waiting: this.#recording.waiting,
      unreachable,
      stale: freshness === "stale",
      ageMs,
      warnings: this.#warnings.counts,
    });
  }

  /** Sends what waits, within `closeTimeoutMs`, and lets go of the source. What is in memory can still be resolved. */
  close(): Promise<void> {
    return (this.#closed ??= this.#close());
  }

  async #close(): Promise<void> {
    const retired = this.#memory.close();
    this.#named.close();
    this.#published?.stop();
    const ending = [this.#recording, this.#callers, this.#lastKnownGood].map((one) => one?.close());
    await Promise.all([...ending, retired]);
    await this.#settings.source.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}

import { unitDigest } from "../digest.ts";
import type { ScopeColumns } from "../domain/scope.ts";
import { ColdLoads, type LoadEnd } from "./cold-loads.ts";
import { ExactVersions } from "./exact-versions.ts";
import { ExposedUnits } from "./exposed-units.ts";
import { isUsable, type LoadedVersion } from "./loaded-version.ts";
import { Memory } from "./memory.ts";
import type { InvalidateRequest, PinnedRequest, PreloadRequest, ResolveRequest } from "./options.ts";
import type { ResolverSettings } from "./settings.ts";
import { outcomeRow, type Outcome, type OutcomeSubject } from "./outcome.ts";
import type { Plan } from "./plan-book.ts";
import { serve } from "./plan.ts";
import { readRequest, type ModelAliases, type ReadRequest } from "./read-request.ts";
import type { Reason, ResolutionSource } from "./reason.ts";
import { Recorder } from "./recorder.ts";
import { ResolvedPrompt, type RenderingServices } from "./resolved-prompt.ts";
import { emptyTally, type ResolverMetrics, type Tally } from "./resolver-metrics.ts";
import { plainServing, type ServedRequest, type Serving } from "./serving.ts";
import { StoreReader } from "./store-reader.ts";
import { readToken, type TokenContent } from "./token.ts";
import { Warnings } from "./warnings.ts";

const NOWHERE: ServedRequest = { label: "", prompt: "", model: "", tenant: "" };

/** Serves prompts from memory, and keeps the memory as the store is. Made by `createResolver`. */
export class Resolver {
  readonly #settings: ResolverSettings;
  readonly #aliases: ModelAliases;
  readonly #fallback: LoadedVersion;
  readonly #memory: Memory;
  readonly #reader: StoreReader;
  readonly #loads = new ColdLoads();
  readonly #exact: ExactVersions;
  readonly #exposed: ExposedUnits;
  readonly #recorder: Recorder;
  readonly #warnings: Warnings;
  readonly #services: RenderingServices;
  readonly #tally: Tally = emptyTally();
  #freshness: "memory" | "stale" = "memory";
  #hits = 0;
  /** Hits that were not fresh. */
  #hitsElsewhere = 0;
  #closed: Promise<void> | undefined;

  constructor(settings: ResolverSettings) {
    const { source, label, max } = settings;
    this.#settings = settings;
    this.#aliases = settings.aliases;
    this.#fallback = settings.fallback;
    this.#warnings = new Warnings(settings.onWarning);
    this.#memory = new Memory({
      label,
      max,
      fallback: settings.fallback,
      onProblem: (problem, request) =>
        this.#warnings.say(problem.reason, problem.message, { ...request, versionId: problem.id }),
    });
    this.#exact = new ExactVersions(source, max, settings.coldTimeoutMs);
    this.#exposed = new ExposedUnits(settings.recording.exposedUnits);
    this.#recorder = this.#makeRecorder();
    this.#services = {
      expose: (enrolment, tenant, unit, digest) => this.#expose(enrolment, tenant, unit, digest),
      warned: (serving, warnings) => this.#tally.countWarnings(serving, warnings.length),
    };
    this.#reader = this.#makeReader();
    this.#reader.start();
  }

  /**
   * What this request is served now. Never rejects, and waits only when there is nothing to serve at all,
   * then for `coldTimeoutMs` at most; `source` and `reason` say what it came to.
   */
  resolve(request: ResolveRequest | PinnedRequest): Promise<ResolvedPrompt> {
    const plan = this.#find(request);
    return plan === undefined
      ? this.#resolveCold(request)
      : Promise.resolve(this.#serve(plan, request as ResolveRequest));
  }

  /** The same from memory alone: what is not there yet is fetched for the next time, and the fallback served. */
  resolveSync(request: ResolveRequest | PinnedRequest): ResolvedPrompt {
    const plan = this.#find(request);
    return plan === undefined ? this.#resolveColdSync(request) : this.#serve(plan, request as ResolveRequest);
  }

  #find(request: ResolveRequest | PinnedRequest): Plan | undefined {
    const { prompt, label, model, tenant, version, pin } = (request ?? NOWHERE) as ResolveRequest &
      PinnedRequest;
    if (version !== undefined || pin !== undefined) return undefined;
    return this.#memory.plans.find(label, prompt, model, tenant);
  }

  #serve(plan: Plan, request: ResolveRequest): ResolvedPrompt {
    const { unit } = request;
    plan.usedAt = this.#reader.polls;
    this.#hits++;
    const serving = serve(plan.state, unit);
    const source = serving.source ?? this.#freshness;
    if (source !== "memory") {
      this.#tally.served[source]++;
      this.#hitsElsewhere++;
    }
    if (serving.reason === "invalid_unit") this.#sayInvalidUnit(serving, unit);
    return new ResolvedPrompt(
      serving,
      typeof unit === "string" && unit !== "" ? unit : null,
      source,
      this.#services,
    );
  }

  async #resolveCold(request: ResolveRequest | PinnedRequest): Promise<ResolvedPrompt> {
    const startedAt = performance.now();
    try {
      if (isPinned(request)) return await this.#resolvePin(request.pin);
      const read = this.#read(request);
      if (typeof read === "string") return this.#refuse(request, read);
      if (request.version !== undefined)
        return await this.#resolveVersion(read, request.version, request.unit);
      return this.#loaded(read, request) ?? (await this.#resolveLoading(read, request));
    } catch (error) {
      return this.#refuse(request, `it could not be read: ${String(error)}`);
    } finally {
      this.#tally.cold.add(performance.now() - startedAt);
    }
  }

  #resolveColdSync(request: ResolveRequest | PinnedRequest): ResolvedPrompt {
    try {
      if (isPinned(request)) return this.#resolvePinSync(request.pin);
      const read = this.#read(request);
      if (typeof read === "string") return this.#refuse(request, read);
      if (request.version !== undefined) return this.#resolveVersionSync(read, request.version, request.unit);
      const loaded = this.#loaded(read, request);
      if (loaded) return loaded;
      if (!this.#closed) void this.#load(read, this.#settings.coldTimeoutMs, false);
      return this.#lastResort(read, this.#closed ? "closed" : "cold", request.unit);
    } catch (error) {
      return this.#refuse(request, `it could not be read: ${String(error)}`);
    }
  }

  #read(request: PreloadRequest): ReadRequest | string {
    return readRequest(request, this.#settings.label, this.#aliases);
  }

  /** Served without asking: another spelling of the same, or other requests have brought all it needs. */
  #loaded(read: ReadRequest, request: ResolveRequest): ResolvedPrompt | undefined {
    const plan = this.#makePlan(read, false);
    return plan && this.#serve(plan, request);
  }

  #makePlan(read: ReadRequest, kept: boolean): Plan | undefined {
    return this.#memory.plan(read.asked, read.served, read.scopes, { kept, usedAt: this.#reader.polls });
  }

  #load(read: ReadRequest, timeoutMs: number, kept: boolean): Promise<LoadEnd> {
    return this.#loads.wait(read, timeoutMs, kept, () => this.#reader.want(this.#unknown(read)));
  }

  #unknown(read: ReadRequest): ScopeColumns[] {
    return read.scopes.filter((scope) => this.#memory.entry(scope) === undefined);
  }

  async #resolveLoading(read: ReadRequest, request: ResolveRequest): Promise<ResolvedPrompt> {
    this.#tally.misses++;
    if (this.#closed) return this.#lastResort(read, "closed", request.unit);
    const loading = this.#load(read, this.#settings.coldTimeoutMs, false);
    const end = this.#reader.away ? "store_away" : await loading;
    const { label, prompt, model, tenant } = read.asked;
    const plan = end === "ready" ? this.#memory.plans.find(label, prompt, model, tenant) : undefined;
    if (!plan) return this.#lastResort(read, end === "ready" ? "timeout" : end, request.unit);
    const serving = serve(plan.state, request.unit);
    if (serving.source === "fallback") this.#sayFallback(read, serving.reason);
    return this.#resolved(serving, request.unit, serving.source ?? "store");
  }

  /** Nothing in memory: the snapshot, or else the fallback. */
  #lastResort(read: ReadRequest, reason: Reason, unit: unknown): ResolvedPrompt {
    this.#sayFallback(read, reason);
    return this.#resolved(plainServing(this.#fallback, read.served, reason), unit, "fallback");
  }

  #sayFallback({ served }: ReadRequest, reason: Reason): void {
    const message = `the fallback is served for ${served.label}/${served.prompt}: ${EXPLAINED[reason] ?? reason}`;
    this.#warnings.say(reason, message, { ...served });
  }

  #resolved(serving: Serving, unit: unknown, source: ResolutionSource, digest?: string): ResolvedPrompt {
    this.#tally.served[source]++;
    if (serving.reason === "invalid_unit") this.#sayInvalidUnit(serving, unit);
    const name = typeof unit === "string" && unit !== "" ? unit : null;
    return new ResolvedPrompt(serving, name, source, this.#services, digest);
  }

  #refuse(request: unknown, problem: string): ResolvedPrompt {
    const { prompt } = (typeof request === "object" && request !== null ? request : NOWHERE) as {
      prompt?: unknown;
    };
    const label = this.#settings.label;
    const served = { ...NOWHERE, label, prompt: typeof prompt === "string" ? prompt : "" };
    this.#warnings.say("invalid_request", problem, { request });
    return this.#resolved(plainServing(this.#fallback, served, "invalid_request"), undefined, "fallback");
  }

  #sayInvalidUnit(serving: Serving, unit: unknown): void {
    const what = unit === "" ? "an empty one" : `a value of type ${typeof unit}`;
    this.#warnings.say(
      "invalid_unit",
      `a unit must be text, not ${what}: it is not enrolled in the rollout of ${serving.label}/${serving.prompt}`,
      { prompt: serving.prompt, label: serving.label },
    );
  }

  async #resolveVersion(read: ReadRequest, number: number, unit: unknown): Promise<ResolvedPrompt> {
    const { prompt } = read.served;
    if (!Number.isSafeInteger(number) || number < 1)
      return this.#refuse(
        read.asked,
        `version ${String(number)} of "${prompt}": a version is a whole number from 1`,
      );
    const known = this.#knownVersion(prompt, number);
    if (known) return this.#resolved(plainServing(known, read.served, "version"), unit, "memory");
    this.#tally.misses++;
    if (this.#closed) return this.#lastResort(read, "closed", unit);
    if (this.#reader.away) return this.#lastResort(read, "store_away", unit);
    const found = await this.#exact.get({ prompt, number });
    if (typeof found === "string") return this.#lastResort(read, found, unit);
    if (isUsable(found)) return this.#resolved(plainServing(found, read.served, "version"), unit, "store");
    this.#warnings.say(found.reason, found.message, { prompt, version: number });
    return this.#lastResort(read, found.reason, unit);
  }

  #resolveVersionSync(read: ReadRequest, number: number, unit: unknown): ResolvedPrompt {
    const { prompt } = read.served;
    const known = this.#knownVersion(prompt, number);
    if (known) return this.#resolved(plainServing(known, read.served, "version"), unit, "memory");
    if (!this.#closed && Number.isSafeInteger(number)) void this.#exact.get({ prompt, number });
    return this.#lastResort(read, this.#closed ? "closed" : "cold", unit);
  }

  #knownVersion(prompt: string, number: number): LoadedVersion | undefined {
    return this.#exact.known({ prompt, number }) ?? this.#memory.versionNumbered(prompt, number);
  }

  async #resolvePin(pin: string): Promise<ResolvedPrompt> {
    const content = readToken(pin);
    const id = content?.versionId;
    if (!content || typeof id !== "string") return this.#resolvePinSync(pin);
    if (this.#knownPin(id) || this.#closed || this.#reader.away) return this.#resolvePinSync(pin);
    this.#tally.misses++;
    const found = await this.#exact.get({ id });
    if (typeof found !== "string" && isUsable(found)) return this.#pinned(content, found, "store");
    return this.#pinLost(content, typeof found === "string" ? found : found.reason);
  }

  #resolvePinSync(pin: string): ResolvedPrompt {
    const content = readToken(pin);
    if (!content) return this.#refuse({}, "the pin is not one that `token` gave");
    const id = content.versionId;
    if (id === null) return this.#pinned(content, this.#fallback, "fallback");
    const known = this.#knownPin(id);
    if (known) return this.#pinned(content, known, "memory");
    if (!this.#closed) void this.#exact.get({ id });
    return this.#pinLost(content, this.#closed ? "closed" : this.#reader.away ? "store_away" : "cold");
  }

  #knownPin(id: string): LoadedVersion | undefined {
    return this.#exact.known({ id }) ?? this.#memory.version(id);
  }

  #pinned(content: TokenContent, version: LoadedVersion, source: ResolutionSource): ResolvedPrompt {
    const { arm, rolloutId, epoch, unit } = content;
    const serving: Serving = {
      ...plainServing(version, content, "pinned", { rolloutId, epoch }),
      arm,
      enrolment: arm === "unenrolled" ? null : { rolloutId: rolloutId!, epoch: epoch!, arm },
    };
    return this.#resolved(serving, undefined, source, unit ?? undefined);
  }

  #pinLost(content: TokenContent, reason: Reason): ResolvedPrompt {
    const { label, prompt, model, tenant } = content;
    const served = { label, prompt, model, tenant };
    return this.#lastResort({ asked: served, served, scopes: [] }, reason, undefined);
  }

  /**
   * Records what came of a resolution (or of the token of one, from another process), soon and in the
   * background. Never throws: what cannot be recorded is counted and warned of.
   */
  record(of: ResolvedPrompt | string, outcome: Outcome): void {
    const subject = typeof of === "string" ? this.#subjectOf(of) : of?.subject;
    if (!subject) {
      const what =
        typeof of === "string" ? "the token is not one of a version" : "it is of no version (the fallback)";
      this.#tally.refusedOutcomes++;
      this.#warnings.say("refused_outcome", `an outcome was not recorded: ${what}`);
      return;
    }
    const row = outcomeRow(subject, outcome, ({ code, message }) =>
      this.#warnings.say(code, message, { versionId: subject.versionId }),
    );
    if (row === undefined) this.#tally.refusedOutcomes++;
    else this.#recorder.outcome(row);
  }

  #subjectOf(token: string): OutcomeSubject | undefined {
    const content = readToken(token);
    if (!content || content.versionId === null) return undefined;
    const { versionId, rolloutId, unit, label, model, tenant, arm, epoch } = content;
    // The process that rendered it may still be about to say so; an outcome must not come first.
    if (content.rendered && arm !== "unenrolled")
      this.#expose({ rolloutId: rolloutId!, epoch: epoch!, arm }, tenant, null, unit!);
    return { versionId, rolloutId, unit, label, model, tenant };
  }

  #expose: RenderingServices["expose"] = (enrolment, tenant, unit, digest) => {
    const name = unit ?? digest;
    if (name === undefined || !this.#exposed.add(enrolment, tenant, name)) return;
    this.#recorder.expose(
      {
        rollout: enrolment.rolloutId,
        unit: digest ?? unitDigest(tenant, name),
        arm: enrolment.arm,
        epoch: enrolment.epoch,
      },
      () => this.#exposed.remove(enrolment, tenant, name),
    );
  };

  /**
   * Forgets what matches all the parts that are given (none: everything), so that the next resolve asks
   * the store. What was preloaded is fetched again at once.
   */
  invalidate(which: InvalidateRequest = {}): void {
    const kept = this.#memory.forget(which, this.#aliases);
    for (const { asked } of kept) void this.#preloadOne(asked);
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
    const read = this.#read(request);
    if (typeof read === "string") return this.#warnings.say("invalid_request", read, { request });
    if (this.#closed || this.#makePlan(read, true)) return;
    await this.#load(read, this.#settings.preloadTimeoutMs, true);
  }

  /** Sends what has been recorded so far; settles when the store has it, or it has been given up. */
  async flush(): Promise<void> {
    await this.#recorder.flush();
  }

  metrics(): ResolverMetrics {
    return this.#tally.report({
      hits: this.#hits,
      hitsElsewhere: this.#hitsElsewhere,
      plans: this.#memory.plans.size,
      versions: this.#memory.versionCount + this.#exact.size,
      waiting: this.#recorder.waiting,
      loading: this.#loads.size,
      away: this.#reader.away,
      stale: this.#freshness === "stale",
      ageMs: performance.now() - this.#reader.confirmedAt,
      warnings: this.#warnings.counts,
    });
  }

  /** Sends what waits, within `closeTimeoutMs`, and lets go of the source. What is in memory can still be resolved. */
  close(): Promise<void> {
    this.#closed ??= this.#closeNow();
    return this.#closed;
  }

  async #closeNow(): Promise<void> {
    this.#reader.close();
    this.#loads.clear();
    await this.#recorder.close();
    await this.#settings.source.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  #makeReader(): StoreReader {
    const { source, pollMs, ttlMs } = this.#settings;
    return new StoreReader({
      source,
      pollMs,
      // What is still on its way may have been read before the move.
      matters: (scope) => this.#memory.entry(scope) !== undefined || this.#loads.size > 0,
      inMemory: () => {
        if (!this.#reader.away) this.#memory.forgetUnused(this.#reader.polls - ttlMs / pollMs);
        return this.#memory.scopes();
      },
      have: () => this.#memory.usableVersionIds(),
      onAnswer: (scopes, answer, askedAt) => {
        this.#memory.learn(scopes, answer, askedAt);
        this.#loads.settle((read, kept) => this.#makePlan(read, kept) !== undefined);
        // Something they shared with others was forgotten meanwhile.
        for (const read of this.#loads.requests()) this.#reader.want(this.#unknown(read));
      },
      onAway: (away, error) => {
        if (!away) return;
        this.#loads.giveUpWaiting();
        const why = error instanceof Error ? error.message : String(error);
        this.#warnings.say(
          "store_away",
          `${source.name} cannot be reached (${why}): serving what is in memory`,
        );
      },
      onStale: (stale) => {
        this.#freshness = stale ? "stale" : "memory";
        if (stale)
          this.#warnings.say("stale", `what is served may be older than 5 s: ${source.name} does not answer`);
      },
    });
  }

  #makeRecorder(): Recorder {
    const { source, recording } = this.#settings;
    return new Recorder({
      ...recording,
      send: (batch) => source.record(batch),
      onReceipt: (receipt) => this.#tally.addReceipt(receipt),
      onRetry: (error) => {
        this.#tally.failedSends++;
        this.#warnings.say(
          "record_failed",
          `recording to ${source.name} failed and is tried again: ${String(error)}`,
        );
      },
      onDropped: (kind, count, why) => {
        this.#tally.dropped[kind] += count;
        this.#warnings.say(`dropped_${kind}`, `${count} ${kind}s were dropped: ${why}`, { count }, count);
      },
    });
  }
}

const EXPLAINED: Partial<Record<Reason, string>> = {
  cold: "it is not in memory yet",
  not_found: "no pointer answers, or there is no such version",
  store_away: "it is not in memory, and the store is away",
  timeout: "it is not in memory, and the store has not answered in time",
  closed: "it is not in memory, and the resolver has been closed",
};

function isPinned(request: ResolveRequest | PinnedRequest): request is PinnedRequest {
  return typeof request === "object" && request !== null && "pin" in request && request.pin !== undefined;
}

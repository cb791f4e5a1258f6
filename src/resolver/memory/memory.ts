import { normaliseModel, scopeKey, type ScopeColumns } from "../../domain/scope.ts";
import {
  isUsable,
  loadVersion,
  missingVersion,
  type LoadedVersion,
  type UnusableVersion,
} from "../serving/loaded-version.ts";
import type { HeldPointer } from "../recording/fleet-report.ts";
import type { LastKnownGood } from "../snapshot/last-known-good.ts";
import { RouteCache, type Route } from "../serving/route-cache.ts";
import type { InvalidateRequest } from "../options.ts";
import { makeRouteState, type RouteState } from "../serving/route.ts";
import { pointerEntry, updateEntry, type PointerEntry } from "./pointer-entry.ts";
import type { ModelAliases, ReadRequest } from "../serving/read-request.ts";
import type { Reason } from "../serving/reason.ts";
import type { ServedRequest } from "../serving/serving.ts";
import type { SourceAnswer, SourcePointer } from "../sources/source.ts";

export interface MemoryOptions {
  readonly label: string;
  readonly max: number;
  readonly fallback: LoadedVersion;
  readonly lastKnownGood: LastKnownGood | undefined;
  readonly onProblem: (problem: UnusableVersion, request: ServedRequest) => void;
}

/**
 * What is known of the store: pointers (and that there is none) once per scope, versions once per id, and
 * the routes made of them. A move of a general pointer so reaches every request that inherits from it.
 */
export class Memory {
  readonly routes: RouteCache;
  readonly #options: MemoryOptions;
  readonly #entries = new Map<string, PointerEntry>();
  readonly #versions = new Map<string, LoadedVersion | UnusableVersion>();
  /** An answer to a question from before says nothing of what was forgotten since. */
  #forgottenAt = -Infinity;
  /** The routes that look at an entry. */
  readonly #users = new Map<PointerEntry, Set<Route>>();

  constructor(options: MemoryOptions) {
    this.#options = options;
    this.routes = new RouteCache(options.label, options.max, (route) => this.#letGo(route, route.entries));
  }

  get versionCount(): number {
    return this.#versions.size;
  }

  entry(scope: ScopeColumns): PointerEntry | undefined {
    return this.#entries.get(scopeKey(scope));
  }

  /** Whether it has to be read before a route can be made of it. */
  isUnknown(scope: ScopeColumns): boolean {
    const entry = this.entry(scope);
    return entry === undefined || entry.doubtedAt !== undefined;
  }

  scopes(): ScopeColumns[] {
    return [...this.#entries.values()].map((entry) => entry.scope);
  }

  /** Every pointer, and whether what it names is what is served: a version that cannot be used is not. */
  *held(): Iterable<HeldPointer> {
    for (const { key, pointer } of this.#entries.values())
      if (pointer) yield { ...pointer, isServed: this.#isServed(key, pointer.activeVersion) };
  }

  #isServed(key: string, id: string | null): boolean {
    const entry = this.#entries.get(key)!;
    for (const { state } of this.#users.get(entry) ?? [])
      if (state.problem && state.problem.id === id) return false;
    return true;
  }

  /** What need not be sent again. A version that could not be used is asked for again: it may be mended. */
  usableVersionIds(): string[] {
    return [...this.#versions].flatMap(([id, version]) => (isUsable(version) ? [id] : []));
  }

  version(id: string): LoadedVersion | undefined {
    const version = this.#versions.get(id);
    return isUsable(version) ? version : undefined;
  }

  versionNumbered(prompt: string, number: number): LoadedVersion | undefined {
    for (const version of this.#versions.values())
      if (isUsable(version) && version.number === number && version.prompt === prompt) return version;
    return undefined;
  }

  /** Takes over what the source answered about `scopes` when asked at `askedAt`. */
  learn(scopes: readonly ScopeColumns[], answer: SourceAnswer, askedAt: number): void {
    for (const version of answer.versions) this.#versions.set(version.id, loadVersion(version));
    const pointers = new Map<string, SourcePointer>();
    for (const pointer of answer.pointers) pointers.set(scopeKey(pointer), pointer);
    const dirty = new Set<Route>();
    let changed = false;
    for (const scope of scopes) {
      const key = scopeKey(scope);
      const pointer = pointers.get(key);
      const entry = this.#entries.get(key);
      if (entry === undefined) {
        if (askedAt < this.#forgottenAt) continue;
        this.#entries.set(key, pointerEntry(scope, pointer, askedAt));
        changed = true;
      } else if (updateEntry(entry, pointer, askedAt)) {
        changed = true;
        for (const route of this.#users.get(entry) ?? []) dirty.add(route);
      }
    }
    if (answer.versions.length > 0)
      for (const route of this.routes.all()) if (route.state.problem !== undefined) dirty.add(route);
    for (const route of dirty) route.state = this.#makeState(route.request, route.entries, route.state);
    if (changed) this.#save(scopes);
  }

  #save(scopes: readonly ScopeColumns[]): void {
    const entries = scopes.flatMap((scope) => this.entry(scope) ?? []);
    this.#options.lastKnownGood?.learn(entries, (id) => this.version(id));
  }

  /** The route of a request all of whose scopes are known, remembered; undefined while some are not. */
  route(
    { requested, served: request, scopes }: ReadRequest,
    how: { readonly kept: boolean; readonly usedAt: number },
  ): Route | undefined {
    const entries: PointerEntry[] = [];
    for (const scope of scopes) {
      const entry = this.entry(scope);
      if (entry === undefined || entry.doubtedAt !== undefined) return undefined;
      entries.push(entry);
    }
    const before = this.routes.find(requested.label, requested.prompt, requested.model, requested.tenant);
    const state = this.#makeState(request, entries, before?.state);
    if (before !== undefined) {
      const old = before.entries;
      before.entries = entries;
      before.state = state;
      this.#hold(before);
      this.#letGo(before, old);
      if (how.kept) this.routes.keep(before);
      return before;
    }
    const route: Route = { requested, request, entries, state, ...how };
    this.#hold(route);
    this.routes.add(route);
    return route;
  }

  /** A route from the snapshot, remembered until the store answers; undefined where it has nothing. */
  provisionalRoute(
    { requested, served, scopes }: ReadRequest,
    reason: Reason,
    how: { readonly kept: boolean; readonly usedAt: number },
  ): Route | undefined {
    const before = this.routes.find(requested.label, requested.prompt, requested.model, requested.tenant);
    if (before !== undefined) {
      if (how.kept) this.routes.keep(before);
      return before;
    }
    const saved = this.#options.lastKnownGood?.serving(served, scopes);
    if (!saved) return undefined;
    const state: RouteState = { base: { ...saved, reason }, live: undefined, problem: undefined };
    const route: Route = { requested, request: served, entries: [], state, ...how };
    this.routes.add(route);
    return route;
  }

  /**
   * Forgets what matches, so that nothing is made of it again without asking. A pointer that other routes
   * look at stays theirs and goes on being confirmed. Answers with the routes that were to be kept.
   */
  forget(which: InvalidateRequest, aliases: ModelAliases): Route[] {
    const model = which.model && (aliases.get(normaliseModel(which.model)) ?? normaliseModel(which.model));
    const matches = (request: ServedRequest) =>
      (which.prompt === undefined || request.prompt === which.prompt) &&
      (which.label === undefined || request.label === which.label) &&
      (which.tenant === undefined || request.tenant === (which.tenant ?? "")) &&
      (model === undefined || request.model === (model ?? ""));
    const gone = [...this.routes.all()].filter((route) => matches(route.request));
    for (const route of gone) this.routes.forget(route);
    if (gone.length === 0) return [];
    this.#forgottenAt = performance.now();
    // Those that nobody else looked at are gone already.
    for (const { entries } of gone) for (const entry of entries) entry.doubtedAt = this.#forgottenAt;
    return gone.filter((route) => route.kept);
  }

  /** Forgets what was last used before `polledMs`, and whatever nothing needs any more. */
  forgetUnused(polledMs: number): void {
    const unused = [...this.routes.all()].filter((route) => !route.kept && route.usedAt < polledMs);
    for (const route of unused) this.routes.forget(route);
    this.#sweep();
  }

  /** Drops answers that nobody was left to want, and versions that no pointer names. Only while no read is under way. */
  #sweep(): void {
    for (const [key, entry] of this.#entries) if (!this.#users.has(entry)) this.#entries.delete(key);
    const named = new Set<string | null>();
    for (const { pointer } of this.#entries.values())
      if (pointer)
        named.add(pointer.activeVersion).add(pointer.candidateVersion).add(pointer.previousVersion);
    for (const id of this.#versions.keys()) if (!named.has(id)) this.#versions.delete(id);
  }

  #makeState(
    request: ServedRequest,
    entries: readonly PointerEntry[],
    before: RouteState | undefined,
  ): RouteState {
    const state = makeRouteState({
      request,
      entries,
      versionOf: (id) => this.#versions.get(id) ?? missingVersion(id),
      fallback: this.#options.fallback,
      lastGood: () =>
        before && before.base.version.id !== null
          ? before.base
          : this.#options.lastKnownGood?.serving(
              request,
              entries.map((entry) => entry.scope),
            ),
    });
    if (state.problem && state.problem.message !== before?.problem?.message)
      this.#options.onProblem(state.problem, request);
    return state;
  }

  #hold(route: Route): void {
    for (const entry of route.entries) {
      const users = this.#users.get(entry);
      if (users) users.add(route);
      else this.#users.set(entry, new Set([route]));
    }
  }

  /** What no route needs any more goes with the last one that did. */
  #letGo(route: Route, entries: readonly PointerEntry[]): void {
    for (const entry of entries) {
      if (route.entries !== entries && route.entries.includes(entry)) continue;
      const users = this.#users.get(entry);
      users?.delete(route);
      if (users?.size !== 0) continue;
      this.#users.delete(entry);
      if (this.#entries.get(entry.key) === entry) this.#entries.delete(entry.key);
    }
  }
}

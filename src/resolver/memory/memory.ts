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
import { PlanBook, type Plan } from "../serving/plan-book.ts";
import type { InvalidateRequest } from "../options.ts";
import { makePlanState, type PlanState } from "../serving/plan.ts";
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
 * the plans made of them. A move of a general pointer so reaches every request that inherits from it.
 */
export class Memory {
  readonly plans: PlanBook;
  readonly #options: MemoryOptions;
  readonly #entries = new Map<string, PointerEntry>();
  readonly #versions = new Map<string, LoadedVersion | UnusableVersion>();
  /** An answer to a question from before says nothing of what was forgotten since. */
  #forgottenAt = -Infinity;
  /** The plans that look at an entry. */
  readonly #users = new Map<PointerEntry, Set<Plan>>();

  constructor(options: MemoryOptions) {
    this.#options = options;
    this.plans = new PlanBook(options.label, options.max, (plan) => this.#letGo(plan, plan.entries));
  }

  get versionCount(): number {
    return this.#versions.size;
  }

  entry(scope: ScopeColumns): PointerEntry | undefined {
    return this.#entries.get(scopeKey(scope));
  }

  /** Whether it has to be read before a plan can be made of it. */
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
    const dirty = new Set<Plan>();
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
        for (const plan of this.#users.get(entry) ?? []) dirty.add(plan);
      }
    }
    if (answer.versions.length > 0)
      for (const plan of this.plans.all()) if (plan.state.problem !== undefined) dirty.add(plan);
    for (const plan of dirty) plan.state = this.#makeState(plan.request, plan.entries, plan.state);
    if (changed) this.#save(scopes);
  }

  #save(scopes: readonly ScopeColumns[]): void {
    const entries = scopes.flatMap((scope) => this.entry(scope) ?? []);
    this.#options.lastKnownGood?.learn(entries, (id) => this.version(id));
  }

  /** The plan of a request all of whose scopes are known, remembered; undefined while some are not. */
  plan(
    { asked, served: request, scopes }: ReadRequest,
    how: { readonly kept: boolean; readonly usedAt: number },
  ): Plan | undefined {
    const entries: PointerEntry[] = [];
    for (const scope of scopes) {
      const entry = this.entry(scope);
      if (entry === undefined || entry.doubtedAt !== undefined) return undefined;
      entries.push(entry);
    }
    const before = this.plans.find(asked.label, asked.prompt, asked.model, asked.tenant);
    const state = this.#makeState(request, entries, before?.state);
    if (before !== undefined) {
      const old = before.entries;
      before.entries = entries;
      before.state = state;
      this.#hold(before);
      this.#letGo(before, old);
      if (how.kept) this.plans.keep(before);
      return before;
    }
    const plan: Plan = { asked, request, entries, state, ...how };
    this.#hold(plan);
    this.plans.add(plan);
    return plan;
  }

  /** A plan from the snapshot, remembered until the store answers; undefined where it has nothing. */
  provisionalPlan(
    { asked, served, scopes }: ReadRequest,
    reason: Reason,
    how: { readonly kept: boolean; readonly usedAt: number },
  ): Plan | undefined {
    const before = this.plans.find(asked.label, asked.prompt, asked.model, asked.tenant);
    if (before !== undefined) {
      if (how.kept) this.plans.keep(before);
      return before;
    }
    const saved = this.#options.lastKnownGood?.serving(served, scopes);
    if (!saved) return undefined;
    const state: PlanState = { base: { ...saved, reason }, live: undefined, problem: undefined };
    const plan: Plan = { asked, request: served, entries: [], state, ...how };
    this.plans.add(plan);
    return plan;
  }

  /**
   * Forgets what matches, so that nothing is made of it again without asking. A pointer that other plans
   * look at stays theirs and goes on being confirmed. Answers with the plans that were to be kept.
   */
  forget(which: InvalidateRequest, aliases: ModelAliases): Plan[] {
    const model = which.model && (aliases.get(normaliseModel(which.model)) ?? normaliseModel(which.model));
    const matches = (asked: ServedRequest) =>
      (which.prompt === undefined || asked.prompt === which.prompt) &&
      (which.label === undefined || asked.label === which.label) &&
      (which.tenant === undefined || asked.tenant === (which.tenant ?? "")) &&
      (model === undefined || asked.model === (model ?? ""));
    const gone = [...this.plans.all()].filter((plan) => matches(plan.request));
    for (const plan of gone) this.plans.forget(plan);
    if (gone.length === 0) return [];
    this.#forgottenAt = performance.now();
    // Those that nobody else looked at are gone already.
    for (const { entries } of gone) for (const entry of entries) entry.doubtedAt = this.#forgottenAt;
    return gone.filter((plan) => plan.kept);
  }

  /** Forgets what was last used before `polledMs`, and whatever nothing needs any more. */
  forgetUnused(polledMs: number): void {
    const unused = [...this.plans.all()].filter((plan) => !plan.kept && plan.usedAt < polledMs);
    for (const plan of unused) this.plans.forget(plan);
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
    before: PlanState | undefined,
  ): PlanState {
    const state = makePlanState({
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

  #hold(plan: Plan): void {
    for (const entry of plan.entries) {
      const users = this.#users.get(entry);
      if (users) users.add(plan);
      else this.#users.set(entry, new Set([plan]));
    }
  }

  /** What no plan needs any more goes with the last one that did. */
  #letGo(plan: Plan, entries: readonly PointerEntry[]): void {
    for (const entry of entries) {
      if (plan.entries !== entries && plan.entries.includes(entry)) continue;
      const users = this.#users.get(entry);
      users?.delete(plan);
      if (users?.size !== 0) continue;
      this.#users.delete(entry);
      if (this.#entries.get(entry.key) === entry) this.#entries.delete(entry.key);
    }
  }
}

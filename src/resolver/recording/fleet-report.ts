import { randomUUID } from "node:crypto";
import { hostname } from "node:os";
import { scopeKey, type ScopeColumns } from "../../domain/scope.ts";
import { SDK_VERSION } from "../sdk-version.ts";
import type { Source } from "../sources/source.ts";
import { ReportRefused, type ServedRevision, type ServingReport } from "../sources/serving-report.ts";
import type { Warnings } from "../observing/warnings.ts";

/** Polls come at most 4 s apart, so the store hears of every resolver within 5 s. */
const HEARTBEAT_MS = 3_000;
/** New scopes wait so long for company. */
const GATHER_MS = 100;
/**
 * More or less. A move is served everywhere before it is talked about: reports must not slow down the reads of others,
 * which take fifty resolvers on two processors some 30 ms.
 */
const MOVED_MS = 50;
const REFUSED_PAUSE_MS = 60_000;
const CLOSE_TIMEOUT_MS = 1_000;

/** A pointer in memory, and whether what it names is what is served. */
export interface HeldPointer extends ServedRevision {
  readonly isServed: boolean;
}

export interface FleetReportOptions {
  readonly source: Source;
  readonly label: string;
  readonly warnings: Warnings;
  /** Every pointer in memory. */
  readonly held: () => Iterable<HeldPointer>;
}

/**
 * Tells the store which pointers this resolver serves and at which revision, right after memory has taken
 * them over, one report at a time. Nothing waits for it, and a store that refuses costs a warning.
 */
export class FleetReport {
  readonly id = randomUUID();
  readonly #options: FleetReportOptions;
  /** What the store knows of this resolver, as far as it has said so. */
  readonly #reported = new Map<string, ServedRevision>();
  #isWhole = true;
  #isListed = false;
  #sending: Promise<void> | undefined;
  #isDue = false;
  #isClosed = false;
  #sentAt = -Infinity;
  #quietUntil = -Infinity;
  #gather: NodeJS.Timeout | undefined;
  #gatherUntil = Infinity;

  constructor(options: FleetReportOptions) {
    this.#options = options;
  }

  /** Memory has taken over an answer about these, of a poll or of a move. */
  learned(pointers: readonly ServedRevision[]): void {
    const isMove = pointers.some((pointer) => {
      const known = this.#reported.get(scopeKey(pointer));
      return known !== undefined && known.revision !== pointer.revision;
    });
    if (isMove) this.#reportWithin(MOVED_MS * (0.5 + Math.random()));
    else if (this.#isWhole || performance.now() - this.#sentAt >= HEARTBEAT_MS) this.#report();
    else this.#reportWithin(GATHER_MS);
  }

  /** Takes this resolver off the list; settles within {@link CLOSE_TIMEOUT_MS}. */
  async close(): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#gather);
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<void>((resolve) => (timer = setTimeout(resolve, CLOSE_TIMEOUT_MS)));
    await Promise.race([late, this.#sayClosed()]);
    clearTimeout(timer);
  }

  async #sayClosed(): Promise<void> {
    // One that is under way would put this resolver back on the list.
    await this.#sending;
    if (!this.#isListed) return;
    const report = { ...this.#self(), whole: false, closed: true, serves: [], dropped: [] };
    await this.#options.source.reportServing!(JSON.stringify(report)).catch(() => undefined);
  }

  #reportWithin(ms: number): void {
    const at = performance.now() + ms;
    if (at >= this.#gatherUntil) return;
    clearTimeout(this.#gather);
    this.#gatherUntil = at;
    this.#gather = setTimeout(() => this.#report(), ms).unref();
  }

  #report(): void {
    clearTimeout(this.#gather);
    this.#gatherUntil = Infinity;
    if (this.#isClosed || performance.now() < this.#quietUntil) return;
    if (this.#sending) {
      this.#isDue = true;
      return;
    }
    this.#isDue = false;
    this.#sending = this.#send().finally(() => {
      this.#sending = undefined;
      if (this.#isDue) this.#report();
    });
  }

  async #send(): Promise<void> {
    const isWhole = this.#isWhole;
    const { serves, dropped } = this.#changes();
    const isHeartbeat = performance.now() - this.#sentAt >= HEARTBEAT_MS;
    if (serves.length + dropped.length === 0 && (isWhole || !isHeartbeat)) return;
    const report = { ...this.#self(), whole: isWhole, closed: false, serves, dropped };
    this.#isListed = true;
    try {
      const isKnown = await this.#options.source.reportServing!(JSON.stringify(report));
      this.#sentAt = performance.now();
      if (!isKnown) {
        // The store has cleared this resolver away, or was emptied by a crash.
        this.#startOver();
        this.#isDue = !isWhole;
        return;
      }
      this.#isWhole = false;
      for (const pointer of serves) this.#reported.set(scopeKey(pointer), pointer);
      for (const scope of dropped) this.#reported.delete(scopeKey(scope));
    } catch (error) {
      this.#failed(error);
    }
  }

  #changes(): { serves: ServedRevision[]; dropped: ScopeColumns[] } {
    const serves: ServedRevision[] = [];
    const gone = new Map(this.#reported);
    for (const { label, prompt, model, tenant, ...pointer } of this.#options.held()) {
      const scope = { label, prompt, model, tenant };
      const key = scopeKey(scope);
      const known = this.#reported.get(key);
      gone.delete(key);
      const revision = pointer.isServed ? pointer.revision : (known?.revision ?? 0);
      if (known?.revision !== revision) serves.push({ ...scope, revision });
    }
    return { serves, dropped: [...gone.values()] };
  }

  /** All is said again. */
  #startOver(): void {
    this.#isWhole = true;
    this.#reported.clear();
  }

  #failed(error: unknown): void {
    // It may have been done all the same. The next poll tries again.
    this.#startOver();
    if (!(error instanceof ReportRefused)) return;
    this.#quietUntil = performance.now() + REFUSED_PAUSE_MS;
    const { source, warnings } = this.#options;
    warnings.report(
      "report_refused",
      `${source.name} does not let this resolver say what it serves (${error.message}): rollbacks do not wait for it`,
    );
  }

  #self(): Pick<ServingReport, "id" | "host" | "pid" | "sdkVersion" | "label"> {
    const { label } = this.#options;
    return { id: this.id, host: hostname(), pid: process.pid, sdkVersion: SDK_VERSION, label };
  }
}

import type { CallerReport } from "../../domain/prompt/caller-report.ts";
import type { RenderOptions } from "../../templates/render-options.ts";
import type { Serving } from "../serving/serving.ts";
import type { ResolverSettings } from "../settings.ts";
import type { Source } from "../sources/source.ts";
import { SentValues } from "./sent-values.ts";

/** Something new waits so long for company; a store that was busy is asked again after as long. */
const NEWS_MS = 2_000;
/** How often the store hears of what it knows. */
const USUAL_MS = 600_000;
const FAILED_MS = 30_000;
const CLOSE_TIMEOUT_MS = 1_000;

/**
 * Tells the store what the callers of this resolver send: at once what is new, and every ten minutes that it is still
 * sent. Nothing waits for it, a store that has no place for it is left alone, and what cannot be told costs nobody
 * a rendering.
 */
export class CallerReports {
  readonly #source: Source;
  readonly #service: string;
  readonly #sent = new SentValues();
  #timer: NodeJS.Timeout | undefined;
  #dueAt = Infinity;
  #isNewsDue = false;
  #quietUntil = -Infinity;
  #sending: Promise<void> | undefined;
  #isClosed = false;

  constructor(source: Source, service: string) {
    this.#source = source;
    this.#service = service;
  }

  /** A prompt is rendered with these. Never throws. */
  note(
    serving: Serving,
    variables: Readonly<Record<string, unknown>>,
    options: RenderOptions,
    service = this.#service,
  ): void {
    try {
      this.#sent.note(serving, variables, options, service);
    } catch {
      // An object that throws when it is looked at: the rendering says what there is to say.
    }
    if (this.#timer === undefined || (this.#sent.hasNews && !this.#isNewsDue)) this.#schedule();
  }

  /** The last of it is told; settles within {@link CLOSE_TIMEOUT_MS}. */
  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    clearTimeout(this.#timer);
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<void>((resolve) => (timer = setTimeout(resolve, CLOSE_TIMEOUT_MS)));
    const last = performance.now() < this.#quietUntil ? undefined : this.#send();
    await Promise.race([late, last]);
    clearTimeout(timer);
  }

  #schedule(): void {
    if (this.#isClosed || this.#sending) return;
    const now = performance.now();
    this.#isNewsDue = this.#sent.hasNews;
    const usual = (this.#isNewsDue ? NEWS_MS : USUAL_MS) * (0.5 + Math.random());
    const ms = Math.max(usual, this.#quietUntil - now);
    if (now + ms >= this.#dueAt) return;
    clearTimeout(this.#timer);
    this.#dueAt = now + ms;
    this.#timer = setTimeout(() => void this.#send(), ms).unref();
  }

  async #send(): Promise<void> {
    await this.#sending;
    this.#sending = this.#tell().finally(() => {
      this.#sending = undefined;
      this.#timer = undefined;
      this.#dueAt = Infinity;
      this.#isNewsDue = false;
      if (this.#sent.hasNews) this.#schedule();
    });
    await this.#sending;
  }

  async #tell(): Promise<void> {
    for (const [service, sends] of this.#sent.take()) {
      const report: CallerReport = { service, sends };
      try {
        const isTaken = await this.#source.reportCallers!(JSON.stringify(report));
        // Undefined: no place for it, of an earlier release or not this login's to say.
        if (isTaken === undefined) this.#quietUntil = performance.now() + USUAL_MS;
        else if (!isTaken) this.#sent.back(service, sends);
      } catch {
        this.#sent.back(service, sends);
        this.#quietUntil = performance.now() + FAILED_MS * (0.5 + Math.random());
      }
    }
  }
}

/** Undefined where callers are not to be told of, or the source has no place for it. */
export function callerReports({ source, callers, serviceName }: ResolverSettings): CallerReports | undefined {
  return callers && source.reportCallers ? new CallerReports(source, serviceName) : undefined;
}

import { setTimeout as delay } from "node:timers/promises";
import type { LangfuseAddress } from "../../domain/addresses/langfuse-address.ts";
import { jittered } from "../../domain/jitter.ts";

/** What waits at most, in bytes: about a minute of a busy server's traces. */
const MOST_BYTES = 64 << 20;
/** Requests under way at once. */
const AT_ONCE = 4;
const TIMEOUT_MS = 10_000;
const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 30_000;
/** How long something is tried again that failed in a way that may pass, in ms. */
const PATIENCE_MS = 600_000;
/** How often it is told what came of it, in ms. */
const TOLD_MS = 60_000;
/** How long a server that ends waits for what is left, in ms. */
const DRAIN_MS = 3_000;

export interface ForwardLimits {
  readonly mostBytes: number;
  readonly firstWaitMs: number;
  readonly patienceMs: number;
}

/** What has become of reports since the last time that it was told. */
export interface ForwardCounts {
  readonly sent: number;
  /** There was no room for them. */
  readonly dropped: number;
  /** Langfuse would not have them, or could not be reached for too long. */
  readonly failed: number;
}

interface Report {
  readonly path: string;
  readonly body: Uint8Array<ArrayBuffer>;
  readonly type: string;
  readonly until: number;
}

/**
 * Passes on to a Langfuse what its clients have reported here. Nobody waits for it: what there is no room for is
 * dropped, what may pass is tried again for ten minutes, and both are counted.
 */
export class LangfuseForward {
  readonly #address: LangfuseAddress;
  readonly #limits: ForwardLimits;
  readonly #tell: (counts: ForwardCounts) => void;
  readonly #ended = new AbortController();
  readonly #waiting: Report[] = [];
  readonly #counts = { sent: 0, dropped: 0, failed: 0 };
  readonly #timer: NodeJS.Timeout;
  #bytes = 0;
  #closing = false;
  #running: Promise<void>[] = [];

  constructor(
    address: LangfuseAddress,
    tell: (counts: ForwardCounts) => void,
    {
      mostBytes = MOST_BYTES,
      firstWaitMs = FIRST_WAIT_MS,
      patienceMs = PATIENCE_MS,
    }: Partial<ForwardLimits> = {},
  ) {
    this.#address = address;
    this.#tell = tell;
    this.#limits = { mostBytes, firstWaitMs, patienceMs };
    this.#timer = setInterval(() => this.#report(), TOLD_MS).unref();
  }

  /** What came to this address: JSON, or protobuf as it was inflated. */
  pass(path: string, content: unknown): void {
    const isBinary = content instanceof Uint8Array;
    const body = isBinary ? new Uint8Array(content) : new TextEncoder().encode(JSON.stringify(content));
    if (this.#closing || this.#bytes + body.length > this.#limits.mostBytes) {
      this.#counts.dropped++;
      return;
    }
    this.#bytes += body.length;
    const type = isBinary ? "application/x-protobuf" : "application/json";
    this.#waiting.push({ path, body, type, until: Date.now() + this.#limits.patienceMs });
    if (this.#running.length < AT_ONCE) this.#run();
  }

  /** Waits a moment for what is left, and gives the rest up. */
  async close(): Promise<void> {
    this.#closing = true;
    clearInterval(this.#timer);
    const late = setTimeout(() => this.#ended.abort(), DRAIN_MS);
    await Promise.all(this.#running);
    clearTimeout(late);
    this.#counts.failed += this.#waiting.length;
    this.#report();
  }

  #run(): void {
    const running = this.#work().finally(() => {
      this.#running = this.#running.filter((other) => other !== running);
      // What came between its last look at what waits and now has started nobody.
      if (this.#waiting.length > 0 && !this.#ended.signal.aborted) this.#run();
    });
    this.#running.push(running);
  }

  async #work(): Promise<void> {
    for (let report = this.#waiting.shift(); report; report = this.#waiting.shift()) {
      const sent = await this.#send(report);
      this.#counts[sent ? "sent" : "failed"]++;
      this.#bytes -= report.body.length;
      if (this.#ended.signal.aborted) return;
    }
  }

  async #send(report: Report): Promise<boolean> {
    for (let wait = this.#limits.firstWaitMs; ; wait = Math.min(2 * wait, LONGEST_WAIT_MS)) {
      const status = await this.#post(report);
      if (status !== undefined && status < 300) return true;
      const mayPass = status === undefined || status === 429 || status >= 500;
      if (!mayPass || Date.now() + wait > report.until || this.#ended.signal.aborted) return false;
      await delay(jittered(wait, Math.random()), undefined, { signal: this.#ended.signal }).catch(
        () => undefined,
      );
    }
  }

  /** Undefined where there is no answer. Redirects are not followed, with keys in hand. */
  async #post({ path, body, type }: Report): Promise<number | undefined> {
    const { base, publicKey, secretKey } = this.#address;
    try {
      const response = await fetch(`${base}${path}`, {
        method: "POST",
        headers: {
          authorization: `Basic ${Buffer.from(`${publicKey}:${secretKey}`).toString("base64")}`,
          "content-type": type,
        },
        body,
        redirect: "manual",
        signal: AbortSignal.any([AbortSignal.timeout(TIMEOUT_MS), this.#ended.signal]),
      });
      await response.body?.cancel();
      return response.status;
    } catch {
      return undefined;
    }
  }

  #report(): void {
    const { sent, dropped, failed } = this.#counts;
    if (sent + dropped + failed > 0) this.#tell({ sent, dropped, failed });
    Object.assign(this.#counts, { sent: 0, dropped: 0, failed: 0 });
  }
}

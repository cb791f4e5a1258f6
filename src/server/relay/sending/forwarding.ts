import { setTimeout as delay } from "node:timers/promises";
import { messageOf, unavailable } from "../../../domain/errors.ts";
import type { LogFields } from "../../../telemetry/log-lines.ts";
import { GRANTS_HEADER, grantsText } from "../../auth/narrowed.ts";
import type { Upstream } from "../upstream.ts";
import { Lane, type InLane, type Sent, stopWaiting } from "./lane.ts";
import { OUTCOMES_PATH, type Report, readReport } from "./report.ts";
import { Spool } from "./spool.ts";

const SEND_TIMEOUT_MS = 15_000;
/** How long whoever reports waits for the server's own answer before being told that it is kept here, in ms. */
const ANSWER_MS = 2_000;
/** How long a relay that ends waits for what is left, in ms. */
const DRAIN_MS = 5_000;
/** Reports whose order does not matter, under way at once. */
const AT_ONCE = 8;
/** The same again is as wrong. */
const FINAL = new Set([400, 413, 415, 422]);

export interface ForwardingOptions {
  readonly folder: string;
  readonly upstream: Pick<Upstream, "ask">;
  readonly mostBytes?: number | undefined;
  /** Told of what becomes of reports that nobody waits for. */
  readonly say: (line: LogFields & { readonly relay: string }) => void;
}

/** Takes what is reported to a disk, and sends it on to the server, in order, once it can be reached. */
export class Forwarding {
  readonly #spool: Spool;
  readonly #outcomes: Lane;
  readonly #others: Lane;

  private constructor(spool: Spool, { upstream, say }: ForwardingOptions) {
    this.#spool = spool;
    const common = {
      spool,
      send: (report: Report) => send(upstream, report),
      onRefused: (status: number) => say({ relay: "report_refused", status }),
      onTrouble: (error: unknown) => say({ relay: "reports_wait", because: messageOf(error) }),
    };
    // Outcomes join exposures, which have to be there before.
    this.#outcomes = new Lane({ ...common, atOnce: 1, areMerged: true });
    this.#others = new Lane({ ...common, atOnce: AT_ONCE, areMerged: false });
  }

  /** Opens the spool, and goes on with what was left there. */
  static async open(options: ForwardingOptions): Promise<Forwarding> {
    const { spool, left, damaged } = await Spool.open(options.folder, options.mostBytes);
    if (damaged > 0) options.say({ relay: "spool_damaged", lines: damaged });
    const forwarding = new Forwarding(spool, options);
    for (const spooled of left) {
      const report = readReport(await spool.read(spooled));
      const lane = forwarding.#laneOf(report?.path);
      lane.add({ spooled, report: undefined, answered: undefined });
    }
    return forwarding;
  }

  /** What waits to be sent: reports, and bytes on disk. */
  get waiting(): { readonly reports: number; readonly bytes: number } {
    return { reports: this.#outcomes.waiting + this.#others.waiting, bytes: this.#spool.bytes };
  }

  #laneOf(path: string | undefined): Lane {
    return path === OUTCOMES_PATH ? this.#outcomes : this.#others;
  }

  /** Keeps a report, to be sent. `unavailable` where it cannot be kept. */
  async keep(report: Report): Promise<void> {
    const spooled = await this.#spool.add(JSON.stringify(report));
    this.#laneOf(report.path).add({ spooled, report: undefined, answered: undefined });
  }

  /** The same, and waits a moment for what the server says of it. Undefined: it is kept, and sent when it can be. */
  async take(report: Report): Promise<Sent | undefined> {
    const spooled = await this.#spool.add(JSON.stringify(report));
    const lane = this.#laneOf(report.path);
    if (lane.isStuck) {
      lane.add({ spooled, report: undefined, answered: undefined });
      return undefined;
    }
    return new Promise((resolve) => {
      const one: InLane = { spooled, report, answered: resolve };
      lane.add(one);
      void delay(ANSWER_MS, undefined, { ref: false }).then(() => stopWaiting(one));
    });
  }

  /** Sends what it can at once; what is left stays on disk. */
  async close(): Promise<void> {
    await Promise.all([this.#outcomes.close(DRAIN_MS), this.#others.close(DRAIN_MS)]);
    await this.#spool.close();
  }
}

async function send(upstream: Pick<Upstream, "ask">, report: Report): Promise<Sent> {
  const { path, type, body, isBinary, grants } = report;
  const response = await upstream.ask(path, {
    method: "POST",
    body: isBinary ? new Uint8Array(Buffer.from(body, "base64")) : body,
    headers: { "content-type": type, [GRANTS_HEADER]: grantsText(grants) },
    timeoutMs: SEND_TIMEOUT_MS,
  });
  const { status, ok } = response;
  if (ok) return { taken: true, status, body: await response.json().catch(() => undefined) };
  await response.body?.cancel();
  if (FINAL.has(status)) return { taken: false, status, body: undefined };
  throw unavailable(`the server answered ${status}`, { status });
}

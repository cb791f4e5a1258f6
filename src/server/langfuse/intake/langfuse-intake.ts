import { LRUCache } from "lru-cache";
import pLimit from "p-limit";
import { unitDigest } from "../../../digest.ts";
import type { Grants } from "../../../domain/access/grants.ts";
import { jittered } from "../../../domain/jitter.ts";
import {
  type LangfuseBatch,
  recordLangfuse,
  recordLangfuseRead,
  settleHeldLangfuse,
} from "../../../use-cases/record-langfuse.ts";
import type { Database } from "../../../storage/database.ts";
import type { Belonging } from "../../serving/belonging.ts";
import { RetryLater } from "../../../resolver/index.ts";
import { comeAgain } from "../../requests/problem.ts";
import { WaitingRoom } from "../../serving/waiting-room.ts";
import { placeGenerations } from "./place-generations.ts";
import type { ClientReport } from "./report.ts";

/** How long a generation waits for its trace to say whose it is, in ms. */
export const HOLD_MS = 10_000;

/** Reports that are written at once: the connections that are left answer everybody else. */
const AT_ONCE = 4;

/** How often it is written down that a prompt is read, in ms. */
const NOTED_MS = 600_000;
const MOST_PROMPTS = 10_000;

/** The key that something is sent with. */
interface Sender {
  readonly key: { readonly account: string };
  readonly grants: Grants;
}

/** Takes what clients report, and comes back to what has to wait. */
export class LangfuseIntake {
  readonly #db: Database;
  readonly #belonging: Belonging;
  readonly #holdMs: number;
  /** Prompts of which it has been written down lately that they are read. */
  readonly #noted = new LRUCache<string, true>({ max: MOST_PROMPTS, ttl: NOTED_MS });
  readonly #room: WaitingRoom;
  readonly #atOnce = pLimit(AT_ONCE);
  #timer: NodeJS.Timeout | undefined;
  #settling: Promise<void> | undefined;
  #closed = false;

  constructor(db: Database, belonging: Belonging, holdMs: number = HOLD_MS, mostWaiting?: number) {
    this.#room = new WaitingRoom(mostWaiting);
    this.#db = db;
    this.#belonging = belonging;
    this.#holdMs = holdMs;
    this.#comeBack();
  }

  /**
   * What cannot be counted is counted as that. Fails as the store does, and as `rate_limited` while as much waits as
   * may; then nothing was taken.
   */
  async take(sender: Sender, report: ClientReport): Promise<void> {
    try {
      const { length } = JSON.stringify(report);
      await this.#room.through(length, () => this.#atOnce(() => this.#store(sender, report)));
    } catch (error) {
      throw error instanceof RetryLater ? comeAgain(error) : error;
    }
  }

  async #store({ key, grants }: Sender, report: ClientReport): Promise<void> {
    const { generations, unplaced } = await placeGenerations(report.generations, grants, this.#belonging);
    const tenant = grants.langfuse?.tenant ?? "";
    const batch: LangfuseBatch = {
      key: key.account,
      grants: { labels: grants.labels, prompts: grants.prompts, tenants: grants.tenants },
      units: report.units.map(({ trace, unit }) => ({ trace, unit: unitDigest(tenant, unit) })),
      generations,
      scores: report.scores,
      counts: { ...report.refused, ...unplaced },
    };
    if (isEmpty(batch)) return;
    await recordLangfuse(this.#db, batch, this.#holdMs);
    this.#comeBack();
  }

  /** Has it written down that clients get this prompt. Nobody waits for it, and a failure is made up for by the next one. */
  noteRead(prompt: string): void {
    if (this.#noted.has(prompt)) return;
    this.#noted.set(prompt, true);
    recordLangfuseRead(this.#db, prompt).catch(() => this.#noted.delete(prompt));
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#timer);
    await this.#settling;
  }

  /** After what was taken last has waited long enough. */
  #comeBack(): void {
    if (this.#timer || this.#closed) return;
    this.#timer = setTimeout(
      () => {
        this.#timer = undefined;
        this.#settling = this.#settle();
      },
      this.#holdMs + jittered(this.#holdMs / 4, Math.random()),
    ).unref();
  }

  async #settle(): Promise<void> {
    const more = await settleHeldLangfuse(this.#db, this.#holdMs).catch(() => true);
    if (more) this.#comeBack();
  }
}

function isEmpty({ generations, scores, units, counts }: LangfuseBatch): boolean {
  return generations.length + scores.length + units.length + Object.keys(counts).length === 0;
}

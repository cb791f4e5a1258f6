import { setTimeout as delay } from "node:timers/promises";
import { SluiceError } from "../../domain/errors.ts";
import { jittered } from "../../domain/jitter.ts";
import type { RunOrder } from "../runner.ts";

/** A comment of a pull request. */
export interface HostComment {
  readonly id: number;
  readonly body: string;
  readonly url: string | null;
}

/** The comments of one pull request, as any code host keeps them. */
export interface CommentStore {
  /** Those that begin with `start` and that somebody with rights in the repository, or a job, wrote. */
  beginningWith(start: string): Promise<HostComment[]>;
  /** Not repeated by itself: whether it was made after all has to be looked for. */
  create(body: string): Promise<HostComment>;
  update(id: number, body: string): Promise<HostComment>;
  remove(id: number): Promise<void>;
}

export interface WrittenComment {
  readonly url: string | null;
  /** `newer`: a later run's words stand there, and were left. */
  readonly became: "created" | "updated" | "newer";
}

const TRIES = 3;
const WAIT_MS = 500;

/**
 * Writes one comment: the one with the marker, or a new one. Of two runs at once both may find none; each looks again
 * after making its own, and the oldest stays. What a later run has written an earlier one leaves.
 *
 * @param subject what the comment is about: a repository may have several, each with its own
 */
export async function upsertComment(
  store: CommentStore,
  subject: string,
  run: RunOrder,
  text: string,
): Promise<WrittenComment> {
  const start = `<!-- sluice review of ${encodeURIComponent(subject).replaceAll("--", "-%2D")}, run `;
  const body = `${start}${run.id}.${run.attempt} -->\n${text}`;
  const marked = async () => (await store.beginningWith(start)).toSorted((a, b) => a.id - b.id);
  for (let tried = 1; ; tried++)
    try {
      let found = await marked();
      let created: HostComment | undefined;
      if (found.length === 0) {
        const made = await store.create(body);
        created = made;
        const seen = await marked();
        found = seen.some(({ id }) => id === made.id)
          ? seen
          : [...seen, made].toSorted((a, b) => a.id - b.id);
      }
      const [first, ...more] = found;
      if (first!.id === created?.id) return { url: created.url, became: "created" };
      const isNewer = isLater(runOf(first!.body, start), run);
      const kept = isNewer || first!.body === body ? first! : await store.update(first!.id, body);
      for (const { id } of more) await store.remove(id).catch(unlessGone);
      return { url: kept.url, became: isNewer ? "newer" : "updated" };
    } catch (error) {
      // Whether a comment was made, or has been deleted meanwhile: the next look says.
      const passes = error instanceof SluiceError && (error.retryable || error.code === "not_found");
      if (!passes || tried === TRIES) throw error;
      await delay(jittered(WAIT_MS * tried, Math.random()));
    }
}

function runOf(body: string, start: string): RunOrder {
  const [id = 0, attempt = 0] = body.slice(start.length).split(" ", 1)[0]!.split(".").map(Number);
  return { id, attempt };
}

function isLater(one: RunOrder, other: RunOrder): boolean {
  return one.id > other.id || (one.id === other.id && one.attempt > other.attempt);
}

function unlessGone(error: unknown): void {
  if (!(error instanceof SluiceError) || error.code !== "not_found") throw error;
}

import { keep, type Kept } from "./kept.ts";
import { ask, Refused } from "./send.ts";
import { signedIn } from "./session.ts";

/** A page that nobody looks at holds no connection for longer than this: of six to a server, each holds one or two. */
const HIDDEN_MS = 3_000;
/** Pages are drawn anew at most so often; what comes after a while without anything is drawn at once. */
const MOST_OFTEN_MS = 1_000;
/** Before a stream that was refused is asked for again: the first time, and at most. */
const [AGAIN_MS, LONGEST_AGAIN_MS] = [2_000, 60_000];

/** Whether what is seen follows the server at this moment. */
export const isLive = keep(false);

/** Of those that tell what somebody follows. */
const EVENTS = ["pointer", "rollout", "version", "draft", "evaluation", "status", "end"] as const;
type EventName = (typeof EVENTS)[number];

interface Group {
  readonly events: readonly EventName[];
  /** Whether an event with these data is one of them. */
  readonly concerns: (data: Told) => boolean;
  /** After so many ms at the earliest. */
  readonly changed: (leastMs?: number) => void;
}

/** What an event names; nothing where anything may have changed. */
type Told = Readonly<Partial<Record<"prompt" | "evaluationId", string>>>;

/**
 * A stream of the server's, open while somebody follows any of it and the page is looked at. What is given back makes
 * a number that rises with each of some events, once a second at most.
 */
function streamOf(
  path: string,
): (events: readonly EventName[], concerns?: Group["concerns"]) => Kept<number> {
  const followed = new Map<Group, number>();
  let source: EventSource | undefined;
  let hidden: ReturnType<typeof setTimeout> | undefined;
  let again: ReturnType<typeof setTimeout> | undefined;
  let againMs = AGAIN_MS;
  function open(): void {
    clearTimeout(again);
    if (source || followed.size === 0 || document.hidden || !signedIn.get()) return;
    source = new EventSource(path);
    source.addEventListener("open", () => {
      isLive.set(true);
      againMs = AGAIN_MS;
      // What has happened since it was asked for is not known; that was a moment ago.
      for (const { changed } of followed.keys()) changed(MOST_OFTEN_MS);
    });
    source.addEventListener("error", () => void lost());
    for (const event of EVENTS)
      source.addEventListener(event, ({ data }: MessageEvent<string>) => {
        const told = JSON.parse(data) as Told;
        for (const { events, concerns, changed } of followed.keys())
          if (events.includes(event) && concerns(told)) changed();
      });
    source.addEventListener("end", close);
  }
  /** A browser comes back by itself to a server that is away, and never to one that has refused. */
  async function lost(): Promise<void> {
    isLive.set(false);
    const isRefused = source?.readyState === EventSource.CLOSED;
    if (isRefused) close();
    // By this it is told that the server is away, or that the session is over: then signing in opens it.
    const isOver = await ask("/v1/me").then(
      () => false,
      (error: unknown) => error instanceof Refused && error.status === 401,
    );
    if (!isRefused || isOver) return;
    clearTimeout(again);
    again = setTimeout(open, againMs);
    againMs = Math.min(2 * againMs, LONGEST_AGAIN_MS);
  }
  function close(): void {
    clearTimeout(again);
    source?.close();
    source = undefined;
    isLive.set(false);
  }
  const seen = () => {
    clearTimeout(hidden);
    if (document.hidden) hidden = setTimeout(close, HIDDEN_MS);
    else open();
  };
  return (events, concerns = () => true) => {
    const changes = keep(0);
    let timer: ReturnType<typeof setTimeout> | undefined;
    let toldAt = -MOST_OFTEN_MS;
    const changed = (leastMs = 0) => {
      timer ??= setTimeout(
        () => {
          timer = undefined;
          toldAt = performance.now();
          changes.set(changes.get() + 1);
        },
        Math.max(leastMs, toldAt + MOST_OFTEN_MS - performance.now()),
      );
    };
    const group = { events, concerns, changed };
    return {
      ...changes,
      follow(listener) {
        if (followed.size === 0) document.addEventListener("visibilitychange", seen);
        followed.set(group, (followed.get(group) ?? 0) + 1);
        open();
        const stop = changes.follow(listener);
        const stopFollowing = signedIn.follow(open);
        return () => {
          stop();
          stopFollowing();
          const others = (followed.get(group) ?? 1) - 1;
          if (others > 0) return void followed.set(group, others);
          followed.delete(group);
          if (followed.size > 0) return;
          document.removeEventListener("visibilitychange", seen);
          close();
        };
      },
    };
  };
}

const ofAll = streamOf("/v1/changes");

/** Pointers that moved, rollouts that went on, new versions and drafts: of all that whoever is signed in may see. */
export const whatChanged = ofAll(["pointer", "rollout", "version", "draft"]);

/** Evaluations of a prompt that began, have another answer or have ended. */
export function evaluationsOf(ofPrompt: string): Kept<number> {
  return ofAll(["evaluation"], ({ prompt = ofPrompt }) => prompt === ofPrompt);
}

/** One evaluation: it has another answer, or has ended. */
export function changesOfEvaluation(id: string): Kept<number> {
  return ofAll(["evaluation"], ({ evaluationId = id }) => evaluationId === id);
}

/** What happens in one rollout. */
export function changesOf(rolloutId: string): Kept<number> {
  return streamOf(`/v1/rollouts/${rolloutId}/events?data=none`)(["status", "end"]);
}

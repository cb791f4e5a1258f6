import { keep, type Kept } from "./kept.ts";
import { signedIn } from "./session.ts";

/** A page that nobody looks at holds no connection for longer than this: of six to a server, each holds one or two. */
const HIDDEN_MS = 3_000;
/** Pages are drawn anew at most so often. */
const MOST_OFTEN_MS = 1_000;

/** Whether what is seen follows the server at this moment. */
export const isLive = keep(false);

interface Group {
  readonly events: readonly string[];
  readonly changed: () => void;
}

/**
 * A stream of the server's, open while somebody follows any of it and the page is looked at. What is given back makes
 * a number that rises with each of some events.
 */
function streamOf(path: string): (events: readonly string[]) => Kept<number> {
  const groups: Group[] = [];
  let followers = 0;
  let source: EventSource | undefined;
  let hidden: ReturnType<typeof setTimeout> | undefined;
  function open(): void {
    if (source || followers === 0 || document.hidden || !signedIn.get()) return;
    source = new EventSource(path);
    source.addEventListener("open", () => {
      isLive.set(true);
      // What has happened since it was asked for is not known.
      for (const { changed } of groups) changed();
    });
    source.addEventListener("error", () => isLive.set(false));
    for (const { events, changed } of groups)
      for (const event of events) source.addEventListener(event, changed);
    source.addEventListener("end", close);
  }
  function close(): void {
    source?.close();
    source = undefined;
    isLive.set(false);
  }
  const seen = () => {
    clearTimeout(hidden);
    if (document.hidden) hidden = setTimeout(close, HIDDEN_MS);
    else open();
  };
  return (events) => {
    const changes = keep(0);
    let timer: ReturnType<typeof setTimeout> | undefined;
    const changed = () => {
      timer ??= setTimeout(() => {
        timer = undefined;
        changes.set(changes.get() + 1);
      }, MOST_OFTEN_MS);
    };
    groups.push({ events, changed });
    return {
      ...changes,
      follow(listener) {
        followers++;
        if (followers === 1) document.addEventListener("visibilitychange", seen);
        open();
        const stop = changes.follow(listener);
        return () => {
          stop();
          if (--followers > 0) return;
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

/** Evaluations that began, have another answer or have ended. */
export const evaluationsWentOn = ofAll(["evaluation"]);

/** What happens in one rollout. */
export function changesOf(rolloutId: string): Kept<number> {
  return streamOf(`/v1/rollouts/${rolloutId}/events`)(["status", "end"]);
}

import { useCallback, useEffect, useRef, useState } from "preact/hooks";
import { type Kept, useKept } from "./kept.ts";
import { ask, awaySince, Refused } from "./send.ts";
import { signedIn } from "./session.ts";

export interface Resource<T> {
  /** What the server last said; undefined until it has. */
  readonly value: T | undefined;
  /** Why the newest request failed. What was there before stays. */
  readonly failed: Refused | undefined;
  readonly reload: () => void;
}

/** So that going back shows at once what was seen a moment ago; it is asked for again all the same. */
const remembered = new Map<string, unknown>();
const MOST_REMEMBERED = 60;
/** After a server that has too much to do, or whose store is away. */
const RETRY_MS = 2_000;

/**
 * What is at an address of the API, asked for again whenever one of `changes` changes, somebody has signed in, or the
 * server is back. An undefined path asks for nothing.
 */
export function useResource<T>(path: string | undefined, changes?: Kept<unknown>): Resource<T> {
  const [state, setState] = useState<{ path?: string; value?: T; failed?: Refused }>({});
  const me = useKept(signedIn);
  const request = useRef<Request | undefined>(undefined);
  useEffect(() => {
    if (path === undefined) return undefined;
    const abort = new AbortController();
    let retry: ReturnType<typeof setTimeout> | undefined;
    const asking = { isBusy: false, isStale: false, load };
    // What changes while an answer is on its way is asked for after it: a page that changes all the time gets answers.
    async function load(): Promise<void> {
      if (path === undefined) return;
      if (asking.isBusy) return void (asking.isStale = true);
      asking.isBusy = true;
      try {
        const value = await ask<T>(path, { signal: abort.signal });
        remember(path, value);
        if (!abort.signal.aborted) setState({ path, value });
      } catch (error) {
        if (!abort.signal.aborted) {
          const failed = asRefused(error);
          setState((before) => ({ ...before, path, failed }));
          if (failed.status === 503) retry = setTimeout(() => void load(), RETRY_MS);
        }
      }
      asking.isBusy = false;
      if (asking.isStale && !abort.signal.aborted) {
        asking.isStale = false;
        void load();
      }
    }
    request.current = asking;
    void load();
    return () => {
      clearTimeout(retry);
      abort.abort();
    };
  }, [path, me]);
  const reload = useCallback(() => void request.current?.load(), []);
  useEffect(() => changes?.follow(reload), [changes, reload]);
  useEffect(() => awaySince.follow((since) => void (since === undefined && reload())), [reload]);
  const isCurrent = state.path === path;
  const known = path === undefined ? undefined : (remembered.get(path) as T | undefined);
  return {
    value: (isCurrent ? state.value : undefined) ?? known,
    failed: isCurrent ? state.failed : undefined,
    reload,
  };
}

/** True from when each of these has had an answer: what would push each other about is drawn together. */
export function useSettled(resources: readonly Resource<unknown>[]): boolean {
  const isSettled = useRef(false);
  isSettled.current ||= resources.every(({ value, failed }) => value !== undefined || failed !== undefined);
  return isSettled.current;
}

interface Request {
  load(): Promise<void>;
}

function remember(path: string, value: unknown): void {
  remembered.delete(path);
  remembered.set(path, value);
  const oldest = remembered.keys().next();
  if (remembered.size > MOST_REMEMBERED && !oldest.done) remembered.delete(oldest.value);
}

/** What one person has seen is not the next one's. */
export function forgetAll(): void {
  remembered.clear();
}

function asRefused(error: unknown): Refused {
  return error instanceof Refused ? error : new Refused(0, "internal", String(error));
}

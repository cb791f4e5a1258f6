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

/**
 * What is at an address of the API, asked for again whenever one of `changes` changes, somebody has signed in, or the
 * server is back. An undefined path asks for nothing.
 */
export function useResource<T>(path: string | undefined, changes?: Kept<unknown>): Resource<T> {
  const [state, setState] = useState<{ path?: string; value?: T; failed?: Refused }>({});
  const [asked, setAsked] = useState(0);
  const reload = useCallback(() => setAsked((times) => times + 1), []);
  const me = useKept(signedIn);
  const change = useKept(changes ?? NEVER);
  const latest = useRef(0);
  useEffect(() => {
    if (path === undefined) return undefined;
    const abort = new AbortController();
    const turn = ++latest.current;
    ask<T>(path, { signal: abort.signal }).then(
      (value) => {
        remember(path, value);
        if (turn === latest.current) setState({ path, value });
      },
      (error: unknown) => {
        if (abort.signal.aborted || turn !== latest.current) return;
        setState((before) => ({ ...before, path, failed: asRefused(error) }));
      },
    );
    return () => abort.abort();
  }, [path, asked, me, change]);
  useEffect(() => awaySince.follow((since) => void (since === undefined && reload())), [reload]);
  const isCurrent = state.path === path;
  const known = path === undefined ? undefined : (remembered.get(path) as T | undefined);
  return {
    value: (isCurrent ? state.value : undefined) ?? known,
    failed: isCurrent ? state.failed : undefined,
    reload,
  };
}

const NEVER: Kept<unknown> = { get: () => 0, set: () => undefined, follow: () => () => undefined };

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

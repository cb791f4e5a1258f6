import { useEffect, useState } from "preact/hooks";

/** A value that parts of the page follow. */
export interface Kept<T> {
  get(): T;
  set(value: T): void;
  /** Gives back what ends it. */
  follow(listener: (value: T) => void): () => void;
}

export function keep<T>(first: T): Kept<T> {
  let value = first;
  const listeners = new Set<(value: T) => void>();
  return {
    get: () => value,
    set(next) {
      if (Object.is(next, value)) return;
      value = next;
      for (const listener of listeners) listener(value);
    },
    follow(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
}

export function useKept<T>(kept: Kept<T>): T {
  const [value, setValue] = useState(kept.get());
  useEffect(() => {
    setValue(() => kept.get());
    return kept.follow((next) => setValue(() => next));
  }, [kept]);
  return value;
}

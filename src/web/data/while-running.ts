import { useEffect, useMemo } from "preact/hooks";
import { keep, type Kept } from "./kept.ts";

const EVERY_MS = 1_500;

/** Rises every so often while something runs, and somebody looks: of what the server sends no news. */
export function useWhileRunning(isRunning: boolean): Kept<number> {
  const changes = useMemo(() => keep(0), []);
  useEffect(() => {
    if (!isRunning) return undefined;
    const timer = setInterval(() => {
      if (!document.hidden) changes.set(changes.get() + 1);
    }, EVERY_MS);
    return () => clearInterval(timer);
  }, [isRunning, changes]);
  return changes;
}

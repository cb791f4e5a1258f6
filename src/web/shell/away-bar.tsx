import { useEffect } from "preact/hooks";
import { useKept } from "../data/kept.ts";
import { ask, awaySince } from "../data/send.ts";
import { clock } from "../parts/time.tsx";

const TRY_MS = 2_000;

/** Says that the server cannot be reached, and tries until it can. */
export function AwayBar() {
  const since = useKept(awaySince);
  const isAway = since !== undefined;
  useEffect(() => {
    if (!isAway) return undefined;
    const timer = setInterval(() => void ask("/healthz").catch(() => undefined), TRY_MS);
    return () => clearInterval(timer);
  }, [isAway]);
  return (
    <div role="status" class="away">
      {since && <p>Not connected since {clock(since)}. What you see is from then. Trying again.</p>}
    </div>
  );
}

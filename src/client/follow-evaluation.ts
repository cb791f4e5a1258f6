import { setTimeout as delay } from "node:timers/promises";
import { SluiceError } from "../domain/errors.ts";
import type { ShownEvaluation } from "../evaluation/verdict/kept-evaluation.ts";
import type { FollowOptions } from "./requests.ts";

/** Between two looks at an evaluation that is followed, in ms. */
const LOOK_MS = 500;

/** What each look shows, where it shows something new, until it has ended. */
export async function* followEvaluation(
  look: () => Promise<ShownEvaluation>,
  { signal, onUnreachable }: FollowOptions = {},
): AsyncGenerator<ShownEvaluation> {
  let [now, seen, unreachable]: [ShownEvaluation | undefined, string, boolean] = [await look(), "", false];
  while (!signal?.aborted) {
    const text = JSON.stringify(now);
    if (now && text !== seen) {
      seen = text;
      yield now;
    }
    if (now && now.state !== "running") return;
    await delay(LOOK_MS, undefined, signal && { signal }).catch(() => undefined);
    if (signal?.aborted) return;
    try {
      now = await look();
      if (unreachable) onUnreachable?.((unreachable = false));
    } catch (error) {
      if (!(error instanceof SluiceError && error.code === "unavailable" && error.retryable)) throw error;
      now = undefined;
      if (!unreachable) onUnreachable?.((unreachable = true));
    }
  }
}

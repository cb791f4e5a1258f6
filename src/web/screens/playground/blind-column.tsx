import { Answer } from "./answer.tsx";
import type { Run } from "./use-runs.ts";

/** An answer of which nobody sees whose it is, until the better one is chosen. */
export function BlindColumn({
  name,
  run,
  isShown,
  onPick,
}: {
  /** `Answer A`. */
  readonly name: string;
  readonly run: Run | undefined;
  readonly isShown: boolean;
  /** Undefined while there is nothing to choose from. */
  readonly onPick: (() => void) | undefined;
}) {
  return (
    <section class={isShown ? "play-column card shown" : "play-column card"} aria-label={name}>
      <h2>{name}</h2>
      {run ? (
        <Answer run={run} isOutdated={false} other={undefined} isOld={false} isBlind />
      ) : (
        <p class="note">Nothing was asked yet.</p>
      )}
      {onPick && (
        <p>
          <button type="button" onClick={onPick}>
            {name} is better
          </button>
        </p>
      )}
    </section>
  );
}

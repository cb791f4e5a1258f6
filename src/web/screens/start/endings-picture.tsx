import { grouped } from "../../../domain/text/counted.ts";
import type { ImaginedEnding } from "../../planner/planner-messages.ts";

const ROWS = { released: 0, rolledBack: 1, undecided: 2 } as const;
const WIDTH = 320;
const ROW = 22;

/** Each imagined rollout as a dot: how it ended, and after how many users. What it says is said in words beside it. */
export function EndingsPicture({
  endings,
  users,
}: {
  readonly endings: readonly ImaginedEnding[];
  readonly users: string;
}) {
  const most = Math.max(1, ...endings.map(({ units }) => units));
  return (
    <figure class="endings">
      <svg viewBox={`0 0 ${WIDTH} ${ROW * 3}`} aria-hidden="true">
        {Object.values(ROWS).map((row) => (
          <line
            key={row}
            class="endings-line"
            x1="0"
            x2={WIDTH}
            y1={ROW * (row + 0.5)}
            y2={ROW * (row + 0.5)}
          />
        ))}
        {endings.map(({ ending, units }, at) => (
          <circle
            key={at}
            class={`endings-dot ${ending}`}
            cx={6 + (units / most) * (WIDTH - 12)}
            // So many lie on each other that each is moved a little, always the same way.
            cy={ROW * (ROWS[ending] + 0.5) + ((at * 7) % 13) - 6}
            r="2.4"
          />
        ))}
      </svg>
      <figcaption class="note">
        Each dot is one rollout: further right, more {users} had the new version when it ended (
        {grouped(most)} at most).
      </figcaption>
    </figure>
  );
}

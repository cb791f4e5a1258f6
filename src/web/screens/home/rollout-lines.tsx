import type { ListedRollout } from "../../../domain/shapes/rollouts.ts";
import { StateChip } from "../../parts/chip.tsx";
import { Empty } from "../../parts/page.tsx";
import { scopeName } from "../../parts/scope-name.ts";
import { ShareBar } from "../../parts/share-bar.tsx";
import { Time } from "../../parts/time.tsx";
import { rolloutPath } from "../../route.ts";

const MOST_LATELY = 10;

export function RunningNow({ rollouts }: { readonly rollouts: readonly ListedRollout[] }) {
  if (rollouts.length === 0)
    return <Empty text="Nothing is being rolled out." command="sluice rollout start NAME@2" />;
  return (
    <ul class="lines">
      {rollouts.map((rollout) => (
        <li key={rollout.rolloutId}>
          <a href={rolloutPath(rollout.rolloutId)}>
            <strong>{rollout.candidate}</strong>
            <span class="note">{scopeName(rollout)}</span>
          </a>
          <StateChip state={rollout.paused ? "paused" : rollout.phase} />
          <ShareBar share={rollout.share} />
          <span class="note">
            started <Time at={rollout.startedAt} />
          </span>
        </li>
      ))}
    </ul>
  );
}

/** How the last ones ended. */
export function Lately({ rollouts }: { readonly rollouts: readonly ListedRollout[] }) {
  const ended = rollouts.filter(({ outcome }) => outcome !== null).slice(0, MOST_LATELY);
  if (ended.length === 0) return <Empty text="No rollout has ended yet." />;
  return (
    <ul class="lines">
      {ended.map(({ rolloutId, candidate, outcome, endedAt, ...rollout }) => (
        <li key={rolloutId}>
          <a href={rolloutPath(rolloutId)}>
            <strong>{candidate}</strong>
            <span class="note">{scopeName(rollout)}</span>
          </a>
          <StateChip state={outcome ?? ""} />
          <span class="note">{endedAt !== null && <Time at={endedAt} />}</span>
        </li>
      ))}
    </ul>
  );
}

import { sayRollout } from "../../../domain/plain/say-rollout.ts";
import type { RunningRollout } from "../../../domain/shapes/overview.ts";
import type { ListedRollout } from "../../../domain/shapes/rollouts.ts";
import { StateChip } from "../../parts/chip.tsx";
import { Empty } from "../../parts/page.tsx";
import { scopeName } from "../../parts/scope-name.ts";
import { ShareBar } from "../../parts/share-bar.tsx";
import { Time, useNow } from "../../parts/time.tsx";
import { rolloutPath } from "../../route.ts";
import { tellingAt } from "../rollout/telling.ts";

const MOST_LATELY = 10;

/** What is open: how far each has come, and the sentence that its own page begins with. */
export function RunningNow({ rollouts }: { readonly rollouts: readonly RunningRollout[] }) {
  const now = useNow();
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
          <span class="note line-end">
            {rollout.lookedAt === null ? "started " : "looked "}
            <Time at={rollout.lookedAt ?? rollout.startedAt} />
          </span>
          <Says rollout={rollout} now={now} />
        </li>
      ))}
    </ul>
  );
}

function Says({ rollout, now }: { readonly rollout: RunningRollout; readonly now: Date }) {
  const { word, text } = sayRollout(rollout, tellingAt(now));
  return (
    <p class="line-says">
      <strong>{word.replace(/\.$/, "")}.</strong> {text}
    </p>
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
          <span class="note line-end">{endedAt !== null && <Time at={endedAt} />}</span>
        </li>
      ))}
    </ul>
  );
}

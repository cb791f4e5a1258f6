import type { RolloutCurve } from "../../../domain/shapes/curve.ts";
import type { RolloutHistory } from "../../../domain/shapes/rollout-record.ts";
import { Icon, type IconName } from "../../parts/icon.tsx";
import { Time } from "../../parts/time.tsx";
import type { ShownRollout } from "./shown-rollout.ts";
import { happenedOnTheWay, stepsOf, type StepState } from "./steps.ts";

const ICONS: Readonly<Record<StepState, IconName>> = {
  done: "done",
  now: "running",
  later: "open",
  stopped: "harm",
};
const WORDS: Readonly<Record<StepState, string>> = {
  done: "done",
  now: "at this moment",
  later: "not yet",
  stopped: "it ended here",
};

const MOST_MARKS = 6;

/** The way that a version goes, and where it is. */
export function StageStrip({
  status,
  record,
  curve,
}: {
  readonly status: ShownRollout;
  readonly record: RolloutHistory | undefined;
  readonly curve: RolloutCurve | undefined;
}) {
  const marks = happenedOnTheWay(record, curve).slice(-MOST_MARKS);
  return (
    <>
      <ol class="strip" aria-label="Stages">
        {stepsOf(status, record).map(({ name, state, at, fact }) => (
          <li key={name} class={state} {...(state === "now" && { "aria-current": "step" as const })}>
            <Icon name={ICONS[state]} />
            <span class="strip-name">{name}</span>
            <span class="heard">{WORDS[state]}</span>
            <span class="note">{at === undefined ? (fact ?? "") : <Time at={at} />}</span>
          </li>
        ))}
      </ol>
      {marks.length > 0 && (
        <ul class="strip-marks note" aria-label="On the way">
          {marks.map(({ at, text }) => (
            <li key={`${at} ${text}`}>
              <Time at={at} /> {text}
            </li>
          ))}
        </ul>
      )}
    </>
  );
}

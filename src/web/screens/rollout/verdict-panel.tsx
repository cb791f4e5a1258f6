import { useState } from "preact/hooks";
import { sayRollout } from "../../../domain/plain/say-rollout.ts";
import type { RolloutAct } from "../../../domain/rollout/offered-acts.ts";
import { OfferedActs } from "../../acts/offered.tsx";
import { StateChip } from "../../parts/chip.tsx";
import { Verdict } from "../../parts/verdict.tsx";
import { useNow } from "../../parts/time.tsx";
import { editorPath, go, startPath } from "../../route.ts";
import { RolloutActDialog } from "./rollout-act-dialog.tsx";
import type { ShownRollout } from "./shown-rollout.ts";
import { tellingAt } from "./telling.ts";

/** In this order: what is wanted now comes first, and is the primary one. */
const ACTS: readonly {
  readonly act: RolloutAct;
  readonly name: string;
  readonly tone?: "primary" | "danger";
}[] = [
  { act: "approve", name: "Approve", tone: "primary" },
  { act: "reject", name: "Turn down…" },
  { act: "resume", name: "Go on", tone: "primary" },
  { act: "pause", name: "Pause" },
  { act: "promote", name: "Release now…" },
  { act: "rollBack", name: "Roll back…" },
  { act: "abort", name: "Stop…" },
  { act: "improve", name: "Improve it", tone: "primary" },
  { act: "startAgain", name: "Start again…" },
];

/** The sentence before everything else, and beside it what can be done. */
export function VerdictPanel({
  status,
  onDone,
}: {
  readonly status: ShownRollout;
  readonly onDone: () => void;
}) {
  const [asked, setAsked] = useState<RolloutAct>();
  const { word, text, tone } = sayRollout(status, tellingAt(useNow()));
  const offered = ACTS.filter(({ act }) => isOffered(status, act));
  return (
    <>
      <Verdict
        tone={tone}
        word={word}
        chip={<StateChip state={status.outcome ?? (status.paused ? "paused" : status.phase)} />}
        acts={
          <OfferedActs
            acts={offered.map(({ act, name, tone: kind }) => ({
              name,
              right: status.can[act],
              onAct: () => {
                const to = elsewhere(act, status);
                if (to === undefined) setAsked(act);
                else go(to);
              },
              ...(kind && { tone: kind }),
            }))}
          />
        }
      >
        <p>{text}</p>
      </Verdict>
      {asked && (
        <RolloutActDialog
          status={status}
          act={asked}
          onClose={() => {
            setAsked(undefined);
            onDone();
          }}
        />
      )}
    </>
  );
}

/** Where an act is done that is more than a question: in the editor, or where rollouts are started. */
function elsewhere(act: RolloutAct, { prompt, candidate }: ShownRollout): string | undefined {
  const number = Number(candidate.slice(candidate.lastIndexOf("@") + 1));
  if (act === "improve") return editorPath(prompt, { from: number });
  return act === "startAgain" ? startPath(prompt, number) : undefined;
}

/** Stopping and rolling back take a running candidate away alike; one of them is enough. */
function isOffered({ can, phase }: ShownRollout, act: RolloutAct): boolean {
  const right = can[act];
  if (!right.allowed && right.because === "state") return false;
  return !(act === "rollBack" && phase === "canary" && can.abort.allowed);
}

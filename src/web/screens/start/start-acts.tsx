import { useState } from "preact/hooks";
import type { PromptAct } from "../../../domain/shapes/overview.ts";
import type { Rights } from "../../../domain/shapes/rights.ts";
import type { StartedRollout } from "../../../domain/shapes/rollouts.ts";
import { ActDialog } from "../../acts/act-dialog.tsx";
import { OfferedActs } from "../../acts/offered.tsx";
import { ask, Refused } from "../../data/send.ts";
import { scopeName } from "../../parts/scope-name.ts";
import { go, rolloutPath } from "../../route.ts";
import type { StartPlace } from "./start-place.ts";

/** Start it, or ask for it: the same request, of which the server makes one that waits where it has to. */
export function StartActs({
  prompt,
  place,
  serves,
  can,
  policy,
  isOwn,
  warning,
  problem,
  command,
  onStarted,
}: {
  readonly prompt: string;
  readonly place: StartPlace;
  readonly serves: string | null;
  readonly can: Rights<PromptAct>;
  readonly policy: unknown;
  readonly isOwn: boolean;
  /** That it will probably end undecided; undefined: nothing speaks against it. */
  readonly warning: string | undefined;
  /** What is wrong with the rules. */
  readonly problem: string | undefined;
  readonly command: string;
  readonly onStarted: () => void;
}) {
  const [isAsking, setAsking] = useState(false);
  const [refusal, setRefusal] = useState<string>();
  // It has failed here unchanged: to try it again is a decision of its own, and a request of its own.
  const [hasFailedHere, setFailedHere] = useState(false);
  const [again, setAgain] = useState<string>();
  const mayStart = can.start.allowed;
  const candidate = `${prompt}@${place.version}`;
  const act = mayStart ? "Start the rollout" : "Ask for a rollout";
  const open = () => {
    setRefusal(problem);
    if (problem === undefined) setAsking(true);
  };
  if (serves === candidate) return <p class="note">{candidate} is live there already.</p>;
  return (
    <>
      <OfferedActs
        acts={[{ name: `${act}…`, right: mayStart ? can.start : can.ask, tone: "primary", onAct: open }]}
      />
      <p role="alert" class="failed-line">
        {refusal}
      </p>
      {isAsking && (
        <ActDialog
          title={mayStart ? `Roll ${candidate} out?` : `Ask for a rollout of ${candidate}?`}
          act={act}
          reason="none"
          consequence={
            <>
              <p>
                In {scopeName(place)}.{" "}
                {mayStart
                  ? serves === null
                    ? "The tests run at once, and decide."
                    : `The tests run at once; users get it only after they have passed, and ${serves.slice(serves.lastIndexOf("@"))} stays for everybody else.`
                  : "The tests run at once. No user sees it before a releaser has said yes, within 7 days."}
              </p>
              {warning !== undefined && <p class="plan-warning">{warning}</p>}
              {hasFailedHere && (
                <label class="tick-line">
                  <input
                    type="checkbox"
                    checked={again !== undefined}
                    onChange={({ currentTarget }) =>
                      setAgain(currentTarget.checked ? crypto.randomUUID() : undefined)
                    }
                  />
                  <span>Try it again unchanged: then it is decided more strictly.</span>
                </label>
              )}
            </>
          }
          command={() => command}
          onAct={async (_, idempotencyKey) => {
            const { version, label, tenant, model } = place;
            const started = await ask<StartedRollout>("/v1/rollouts", {
              method: "POST",
              idempotencyKey: again ?? idempotencyKey,
              body: {
                prompt,
                version,
                label,
                ...(tenant !== null && { tenant }),
                ...(model !== null && { model }),
                ...(!isOwn && { policy }),
                ...(again !== undefined && { again: true }),
              },
            }).catch((error: unknown) => {
              if (error instanceof Refused && "attempts" in error.details) setFailedHere(true);
              throw error;
            });
            onStarted();
            go(rolloutPath(started.rolloutId));
            return <p>It is on its way.</p>;
          }}
          onClose={() => setAsking(false)}
        />
      )}
    </>
  );
}

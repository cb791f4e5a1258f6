import type { ComponentChildren } from "preact";
import type { RolloutAct } from "../../../domain/rollout/offered-acts.ts";
import { shortName } from "../../../domain/plain/telling.ts";
import { ActDialog, quoted } from "../../acts/act-dialog.tsx";
import { RollBackDialog } from "../../acts/roll-back-dialog.tsx";
import { ask } from "../../data/send.ts";
import { comparePath } from "../../route.ts";
import type { ShownRollout } from "./shown-rollout.ts";

type Controlled = Exclude<RolloutAct, "rollBack" | "improve" | "startAgain">;

interface Words {
  readonly title: string;
  readonly act: string;
  readonly consequence: ComponentChildren;
  readonly done: string;
  readonly tone?: "danger";
  readonly reason?: "optional";
  readonly confirmBy?: string;
}

/** Asks before anything is done to a rollout, with what follows from it, and does it. */
export function RolloutActDialog({
  status,
  act,
  onClose,
}: {
  readonly status: ShownRollout;
  readonly act: RolloutAct;
  readonly onClose: () => void;
}) {
  const { candidate, baseline, rolloutId, tick, revision } = status;
  if (act === "rollBack")
    return <RollBackDialog scope={status} what={candidate} gets={baseline} onClose={onClose} />;
  if (act === "improve" || act === "startAgain") return null;
  const { done, title, reason = "required", ...words } = wordsOf(act, status);
  const says = act === "approve" || act === "reject" ? "comment" : "reason";
  return (
    <ActDialog
      {...words}
      title={title}
      reason={reason}
      command={(text) => `sluice rollout ${act} ${candidate} --${says} ${quoted(text || "why")}`}
      onAct={async (text, idempotencyKey) => {
        await ask(`/v1/rollouts/${rolloutId}/${act}`, {
          method: "POST",
          idempotencyKey,
          body: {
            ...(text !== "" && { [says]: text }),
            seen: {
              ...(typeof tick === "number" && { tick }),
              ...(typeof revision === "number" && { revision }),
            },
          },
        });
        return <p>{done}</p>;
      }}
      onClose={onClose}
    />
  );
}

function wordsOf(act: Controlled, status: ShownRollout): Words {
  const { candidate, baseline, share, waitingFor } = status;
  const users = status.setting?.users ?? "users";
  const current = baseline === null ? "nothing" : shortName(baseline);
  switch (act) {
    case "approve":
      return {
        title: `Approve ${candidate}?`,
        act: "Approve",
        reason: "optional",
        consequence: (
          <>
            <p>
              {waitingFor === "promote"
                ? `From then on everybody gets it, unless more people have to agree.`
                : `From then on the first ${users} get it, unless more people have to agree.`}
            </p>
            <WhatChanges status={status} />
          </>
        ),
        done: "Approved.",
      };
    case "reject":
      return {
        title: `Turn ${candidate} down?`,
        act: "Turn down",
        tone: "danger",
        consequence: (
          <p>
            The rollout ends; {users} keep {current}.
          </p>
        ),
        done: `Turned down. Everybody keeps ${current}.`,
      };
    case "pause":
      return {
        title: `Pause ${candidate}?`,
        act: "Pause",
        consequence: (
          <p>{share} % keep the new version. It neither grows nor is released. Harm still rolls it back.</p>
        ),
        done: "Paused.",
      };
    case "resume":
      return {
        title: `Let ${candidate} go on?`,
        act: "Go on",
        consequence: <p>It grows and is released again by its rules, from the {share} % where it is.</p>,
        done: "It goes on.",
      };
    case "promote":
      return {
        title: `Release ${candidate} now?`,
        act: "Release now",
        confirmBy: candidate,
        consequence: (
          <p>
            It skips the remaining waiting, and the proof is not complete. An approval that the rules ask for
            is still needed, and proven harm still stops it.
          </p>
        ),
        done: "Asked. It is released at the next look, unless harm is proven.",
      };
    case "abort":
      return {
        title: `Stop ${candidate}?`,
        act: "Stop",
        tone: "danger",
        consequence: (
          <p>
            The candidate gets no more {users}; everybody gets {current} within seconds.
          </p>
        ),
        done: `Stopped. Everybody gets ${current}.`,
      };
  }
}

function WhatChanges({ status: { prompt, candidate, baseline, gate } }: { readonly status: ShownRollout }) {
  const numberOf = (version: string) => Number(version.slice(version.lastIndexOf("@") + 1));
  return (
    <p>
      {gate?.verdict === "pass" && "The tests passed. "}
      {baseline !== null && (
        <a
          href={comparePath(prompt, numberOf(baseline), numberOf(candidate))}
          target="_blank"
          rel="noreferrer"
        >
          See what changed
        </a>
      )}
    </p>
  );
}

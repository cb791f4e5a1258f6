import { ActDialog, quoted } from "../../acts/act-dialog.tsx";
import { ask } from "../../data/send.ts";
import type { ShownEvaluation } from "./shown-evaluation.ts";

/** Asks before an evaluation that runs is ended, and ends it. */
export function StopDialog({
  evaluation: { evaluationId, candidate, recorded },
  onClose,
}: {
  readonly evaluation: ShownEvaluation;
  readonly onClose: () => void;
}) {
  const path = `/v1/evaluations/${evaluationId}/stop`;
  return (
    <ActDialog
      title={`Stop the tests of ${candidate}?`}
      act="Stop"
      tone="danger"
      reason="required"
      keep="Let them go on"
      consequence={
        <p>
          No more answers are asked for or paid. The {recorded.toLocaleString("en")} that there are stay to be
          read, and there is no verdict.
        </p>
      }
      command={(reason) => `sluice eval stop ${evaluationId} --reason ${quoted(reason || "why")}`}
      onAct={async (reason, idempotencyKey) => {
        await ask(path, { method: "POST", idempotencyKey, body: { reason } });
        return <p>Stopped.</p>;
      }}
      onClose={onClose}
    />
  );
}

import { sayLetter } from "../../../domain/plain/say-letter.ts";
import type { DeadLetterRow, LetterAct, Redriven } from "../../../domain/shapes/dead-letters.ts";
import { ActDialog, quoted } from "../../acts/act-dialog.tsx";
import { ask } from "../../data/send.ts";
import { rolloutPath } from "../../route.ts";

/** Asks before a dead letter is done again or closed. */
export function LetterActDialog({
  letter,
  act,
  onClose,
}: {
  readonly letter: DeadLetterRow;
  readonly act: LetterAct;
  readonly onClose: () => void;
}) {
  const { id } = letter;
  const { undone, again } = sayLetter(letter);
  if (act === "redrive")
    return (
      <ActDialog
        title="Do it again?"
        act="Do it again"
        reason="none"
        consequence={
          <>
            <p>{undone}</p>
            <p>{again}</p>
          </>
        }
        command={() => `sluice dead-letters redrive ${id.slice(0, 8)}`}
        onAct={async () => {
          const { already, resolution, rollout } = await ask<Redriven>(`/v1/dead-letters/${id}/redrive`, {
            method: "POST",
          });
          return (
            <p>
              <strong>{already ? "It had been done before." : "Done."}</strong> {sentence(resolution)}
              {rollout && (
                <>
                  {" "}
                  <a href={rolloutPath(rollout.rolloutId)}>Look at the rollout</a>
                </>
              )}
            </p>
          );
        }}
        onClose={onClose}
      />
    );
  return (
    <ActDialog
      title="Close it without doing it?"
      act="Close it"
      tone="danger"
      reason="required"
      consequence={
        <p>
          It stays undone, and nobody is reminded of it any more:{" "}
          {undone.slice(0, 1).toLowerCase() + undone.slice(1)}
        </p>
      }
      command={(reason) =>
        `sluice dead-letters discard ${id.slice(0, 8)} --reason ${quoted(reason || "why")}`
      }
      onAct={async (reason) => {
        await ask(`/v1/dead-letters/${id}/discard`, { method: "POST", body: { reason } });
        return <p>Closed.</p>;
      }}
      onClose={onClose}
    />
  );
}

function sentence(text: string): string {
  return `${text.slice(0, 1).toUpperCase()}${text.slice(1)}.`;
}

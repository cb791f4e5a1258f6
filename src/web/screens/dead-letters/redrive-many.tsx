import { useState } from "preact/hooks";
import { sayLetter } from "../../../domain/plain/say-letter.ts";
import type { DeadLetterRow, Redriven } from "../../../domain/shapes/dead-letters.ts";
import { counted } from "../../../domain/text/counted.ts";
import { ActDialog } from "../../acts/act-dialog.tsx";
import { ask, Refused } from "../../data/send.ts";

/** Does several again, one after the other, and says of each what came of it. */
export function RedriveMany({
  letters,
  onDone,
}: {
  readonly letters: readonly DeadLetterRow[];
  readonly onDone: () => void;
}) {
  const [asked, setAsked] = useState<readonly DeadLetterRow[]>();
  return (
    <div class="toolbar">
      <p class="note" role="status">
        {letters.length === 0 ? "Choose several to do them all again." : `${letters.length} chosen.`}
      </p>
      {letters.length > 0 && (
        <button type="button" class="primary" onClick={() => setAsked(letters)}>
          Do {letters.length === 1 ? "it" : `all ${letters.length}`} again…
        </button>
      )}
      {asked && (
        <ActDialog
          title={`Do ${counted(asked.length, "dead letter")} again?`}
          act="Do it again"
          reason="none"
          keep="Not now"
          consequence={
            <ul class="facts">
              {asked.map((letter) => (
                <li key={letter.id}>
                  {sayLetter(letter).undone} <span class="note block">{sayLetter(letter).again}</span>
                </li>
              ))}
            </ul>
          }
          command={() => asked.map(({ id }) => `sluice dead-letters redrive ${id.slice(0, 8)}`).join("; ")}
          onAct={async () => {
            const results: { id: string; undone: string; came: string }[] = [];
            for (const letter of asked)
              // oxlint-disable-next-line no-await-in-loop -- one after the other: some start rollouts of the same prompt
              results.push({
                id: letter.id,
                undone: sayLetter(letter).undone,
                came: await redriven(letter.id),
              });
            return (
              <ul class="facts">
                {results.map(({ id, undone, came }) => (
                  <li key={id}>
                    {undone} <strong class="block">{came}</strong>
                  </li>
                ))}
              </ul>
            );
          }}
          onClose={() => {
            setAsked(undefined);
            onDone();
          }}
        />
      )}
    </div>
  );
}

async function redriven(id: string): Promise<string> {
  try {
    const { already, resolution } = await ask<Redriven>(`/v1/dead-letters/${id}/redrive`, { method: "POST" });
    return `${already ? "It had been done before" : "Done"}: ${resolution}.`;
  } catch (error) {
    return `Not done: ${error instanceof Refused ? error.message : String(error)}`;
  }
}

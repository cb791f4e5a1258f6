import { useState } from "preact/hooks";
import type { Recomputed as Found } from "../../../domain/shapes/verification.ts";
import { counted } from "../../../domain/text/counted.ts";
import { ask, Refused } from "../../data/send.ts";

/** Decides every look again, from what was stored with it, when it is asked to. */
export function Recomputed({ rolloutId }: { readonly rolloutId: string }) {
  const [said, setSaid] = useState<string>();
  const [isBusy, setBusy] = useState(false);
  async function recompute(): Promise<void> {
    if (isBusy) return;
    setBusy(true);
    try {
      setSaid(wordsOf(await ask<Found>(`/v1/rollouts/${rolloutId}/recomputation`, { method: "POST" })));
    } catch (error) {
      setSaid(error instanceof Refused ? error.message : String(error));
    } finally {
      setBusy(false);
    }
  }
  return (
    <div class="recomputed">
      <button type="button" aria-disabled={isBusy} onClick={() => void recompute()}>
        {isBusy ? "Deciding…" : "Decide every look again"}
      </button>
      <p role="status">{said}</p>
    </div>
  );
}

function wordsOf({ looks, identical, different, first }: Found): string {
  if (looks === 0) return "There is no look to decide again.";
  const all = `${counted(looks, "look")} decided again`;
  if (identical) return `${all}: ${looks === 1 ? "it comes" : "all come"} out as stored.`;
  return `${all}: ${counted(different, "look")} came out otherwise${first ? `, the first one ${first.tick}, in ${first.field}` : ""}.`;
}

import { useState } from "preact/hooks";
import { Refused } from "../../../data/send.ts";
import type { DraftStore } from "../../../editing/draft-store.ts";
import { go, promptPath } from "../../../route.ts";
import { Dialog } from "./dialog.tsx";

export function DiscardDialog({
  prompt,
  store,
  onClose,
}: {
  readonly prompt: string;
  readonly store: DraftStore;
  readonly onClose: () => void;
}) {
  const [failed, setFailed] = useState<string>();
  return (
    <Dialog title="Discard this draft?" onClose={onClose}>
      {(close) => (
        <>
          <p>What you have written here is gone for good, with its history. No version changes.</p>
          <p role="alert" class="failed-line">
            {failed}
          </p>
          <div class="dialog-acts">
            <button type="button" onClick={close}>
              Keep it
            </button>
            <button
              type="button"
              class="danger"
              onClick={() => {
                store.discard().then(
                  () => {
                    close();
                    go(promptPath(prompt));
                  },
                  (error: unknown) => setFailed(error instanceof Refused ? error.message : String(error)),
                );
              }}
            >
              Discard
            </button>
          </div>
        </>
      )}
    </Dialog>
  );
}

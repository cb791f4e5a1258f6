import type { DraftRevision, WholeDraft } from "../../../../domain/shapes/drafts.ts";
import type { Page } from "../../../data/page.ts";
import { useResource } from "../../../data/resource.ts";
import { ask } from "../../../data/send.ts";
import type { DraftStore } from "../../../editing/draft-store.ts";
import { Loaded } from "../../../parts/page.tsx";
import { Time } from "../../../parts/time.tsx";
import { Dialog } from "./dialog.tsx";

/** How the draft was, to go back to; going back is itself something to go back from. */
export function HistoryDialog({
  store,
  onClose,
}: {
  readonly store: DraftStore;
  readonly onClose: () => void;
}) {
  const path = `/v1/drafts/${store.draftId}/revisions`;
  const found = useResource<Page<DraftRevision>>(path);
  async function goBackTo(revision: number): Promise<void> {
    const { file, base } = await ask<WholeDraft>(`${path}/${revision}`);
    store.change({ file, base }, { keepBefore: true });
  }
  return (
    <Dialog title="How this draft was" onClose={onClose}>
      {(close) => (
        <>
          <p class="note">One a minute while you write, and before each merge; the newest 50.</p>
          <Loaded from={found}>
            {({ items }) => (
              <ul class="draft-history">
                {items.map(({ revision, base, at }) => (
                  <li key={revision}>
                    <span>
                      <Time at={at} />
                      {base !== null && <span class="note"> from @{base}</span>}
                    </span>
                    <button
                      type="button"
                      class="small"
                      onClick={() => void goBackTo(revision).then(close, () => found.reload())}
                    >
                      Go back to this<span class="heard">, revision {revision}</span>
                    </button>
                  </li>
                ))}
              </ul>
            )}
          </Loaded>
          <div class="dialog-acts">
            <button type="button" onClick={close}>
              Close
            </button>
          </div>
        </>
      )}
    </Dialog>
  );
}

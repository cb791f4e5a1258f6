import { useState } from "preact/hooks";
import type { ListedPrompt } from "../../../domain/shapes/prompts.ts";
import { mayAuthor } from "../../acts/may-author.ts";
import { OfferedActs } from "../../acts/offered.tsx";
import { useKept } from "../../data/kept.ts";
import type { Page } from "../../data/page.ts";
import { useResource } from "../../data/resource.ts";
import { signedIn } from "../../data/session.ts";
import { Loaded } from "../../parts/page.tsx";
import { ShownText } from "../../parts/shown-text.tsx";
import { TypedField } from "../../parts/typed-field.tsx";
import { startPath, withQuery } from "../../route.ts";
import { Dialog } from "../editor/dialogs/dialog.tsx";

const MOST_FOUND = 8;

/** To where a rollout is started, or asked for, once it is said of which prompt. */
export function StartOne({ name }: { readonly name: string }) {
  const [isOpen, setOpen] = useState(false);
  const me = useKept(signedIn);
  if (!me) return null;
  const right = mayAuthor(me, "starting a rollout, or asking for one,");
  return (
    <>
      <OfferedActs acts={[{ name, right, onAct: () => setOpen(true) }]} />
      {isOpen && <WhichDialog onClose={() => setOpen(false)} />}
    </>
  );
}

function WhichDialog({ onClose }: { readonly onClose: () => void }) {
  const [q, setQuery] = useState("");
  const found = useResource<Page<ListedPrompt>>(withQuery("/v1/prompts", { q, limit: String(MOST_FOUND) }));
  return (
    <Dialog title="A rollout of which prompt?" onClose={onClose}>
      {(close) => (
        <>
          <TypedField label="Find" placeholder="Name, description or tag" value={q} onTyped={setQuery} />
          <Loaded from={found} lines={4}>
            {({ items }) => (
              <Prompts items={items.filter(({ newest }) => newest !== null)} onChosen={close} />
            )}
          </Loaded>
          <div class="dialog-acts">
            <button type="button" onClick={close}>
              Back
            </button>
          </div>
        </>
      )}
    </Dialog>
  );
}

function Prompts({
  items,
  onChosen,
}: {
  readonly items: readonly ListedPrompt[];
  readonly onChosen: () => void;
}) {
  return (
    <>
      <ul class="found" aria-label="Prompts">
        {items.map(({ prompt, description, newest }) => (
          <li key={prompt}>
            <a href={startPath(prompt)} onClick={onChosen}>
              {prompt}
            </a>
            <span class="note">
              <ShownText text={description || `newest @${newest?.version}`} />
            </span>
          </li>
        ))}
      </ul>
      <p class="note" role="status">
        {items.length === 0
          ? "No prompt that has a version is like that."
          : "Which of its versions, and where, is chosen next."}
      </p>
    </>
  );
}

import { useState } from "preact/hooks";
import { promptNameProblem } from "../../../domain/names.ts";
import { mayAuthor } from "../../acts/may-author.ts";
import { OfferedActs } from "../../acts/offered.tsx";
import { useKept } from "../../data/kept.ts";
import { signedIn } from "../../data/session.ts";
import { editorPath, go } from "../../route.ts";
import { Dialog } from "./dialogs/dialog.tsx";

/** Asks for a name and goes where the prompt is written. */
export function NewPromptButton({ isPrimary = false }: { readonly isPrimary?: boolean }) {
  const [isOpen, setOpen] = useState(false);
  const me = useKept(signedIn);
  if (!me) return null;
  const right = mayAuthor(me, "writing a prompt");
  return (
    <>
      <OfferedActs
        acts={[
          {
            name: "New prompt",
            right,
            ...(isPrimary && { tone: "primary" as const }),
            onAct: () => setOpen(true),
          },
        ]}
      />
      {isOpen && <NameDialog onClose={() => setOpen(false)} />}
    </>
  );
}

function NameDialog({ onClose }: { readonly onClose: () => void }) {
  const [name, setName] = useState("");
  const [problem, setProblem] = useState<string>();
  return (
    <Dialog title="What is the prompt called?" onClose={onClose}>
      {(close) => (
        <form
          onSubmit={(event) => {
            event.preventDefault();
            const given = name.trim();
            const wrong = given === "" ? "Give it a name." : promptNameProblem(given);
            if (wrong !== undefined) return setProblem(wrong);
            close();
            return go(editorPath(given));
          }}
        >
          <label>
            <span>Name</span>
            <input
              value={name}
              spellcheck={false}
              autocapitalize="off"
              aria-describedby="new-prompt-note"
              onInput={(event) => setName(event.currentTarget.value)}
            />
            <span id="new-prompt-note" class="note">
              Services ask for it by this name, as in support/reply. It stays.
            </span>
          </label>
          <p role="alert" class="failed-line">
            {problem}
          </p>
          <div class="dialog-acts">
            <button type="button" onClick={close}>
              Back
            </button>
            <button type="submit" class="primary">
              Write it
            </button>
          </div>
        </form>
      )}
    </Dialog>
  );
}

import type { ComponentChildren } from "preact";
import { useId, useState } from "preact/hooks";
import { Refused } from "../data/send.ts";
import { useModal } from "../parts/modal.ts";
import { Command } from "../parts/page.tsx";

export interface ActDialogProps {
  /** A question with what it is about. */
  readonly title: string;
  /** What follows from it, with the numbers of now. */
  readonly consequence: ComponentChildren;
  /** The act's name, as on its button. */
  readonly act: string;
  readonly tone?: "primary" | "danger";
  /** Whether something has to be said; `none`: nobody would keep it. */
  readonly reason: "required" | "optional" | "none";
  /** The same in a terminal. */
  readonly command: (reason: string) => string;
  /** Of the way out. */
  readonly keep?: string;
  /** A text that has to be typed, of what cannot be taken back. */
  readonly confirmBy?: string;
  /** Does it, and gives what to say of it. */
  readonly onAct: (reason: string, operation: string) => Promise<ComponentChildren>;
  readonly onClose: () => void;
}

/** The one dialog of everything that changes what users get. */
export function ActDialog(props: ActDialogProps) {
  const { title, consequence, act, tone = "primary", confirmBy, onAct, onClose } = props;
  const dialog = useModal();
  const id = useId();
  const [reason, setReason] = useState("");
  const [typed, setTyped] = useState("");
  const [failed, setFailed] = useState<string>();
  const [done, setDone] = useState<ComponentChildren>();
  const [isBusy, setBusy] = useState(false);
  // Sent again after a broken connection it is the same request, and done once.
  const [operation] = useState(() => crypto.randomUUID());
  async function send(): Promise<void> {
    if (isBusy) return;
    if (props.reason === "required" && reason.trim() === "")
      return setFailed("Say why: it is kept in the audit log.");
    if (confirmBy !== undefined && typed.trim() !== confirmBy)
      return setFailed(`Type ${confirmBy} to confirm.`);
    setBusy(true);
    setFailed(undefined);
    try {
      setDone(await onAct(reason.trim(), operation));
    } catch (error) {
      setFailed(error instanceof Refused ? wordsOf(error) : String(error));
    } finally {
      setBusy(false);
    }
  }
  return (
    <dialog ref={dialog} class="dialog" aria-labelledby={`${id}-title`} onClose={onClose}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          void send();
        }}
      >
        <h2 id={`${id}-title`}>{title}</h2>
        {done === undefined ? (
          <>
            <div class="consequence">{consequence}</div>
            {props.reason !== "none" && (
              <label>
                <span>Why?{props.reason === "optional" && <span class="note"> (may be left out)</span>}</span>
                <textarea
                  rows={2}
                  value={reason}
                  aria-required={props.reason === "required"}
                  onInput={(event) => setReason(event.currentTarget.value)}
                />
                <span class="note">It is kept in the audit log, with your name.</span>
              </label>
            )}
            {confirmBy !== undefined && (
              <label>
                <span>
                  Type <code>{confirmBy}</code> to confirm
                </span>
                <input value={typed} onInput={(event) => setTyped(event.currentTarget.value)} />
              </label>
            )}
            <p role="alert" class="failed-line">
              {failed}
            </p>
            <div class="dialog-acts">
              {/* oxlint-disable-next-line jsx-a11y/no-autofocus -- the way out is the first thing in a dialog that changes what users get */}
              <button type="button" autofocus onClick={() => dialog.current?.close()}>
                {props.keep ?? "Keep it as it is"}
              </button>
              <button type="submit" class={tone} aria-disabled={isBusy}>
                {isBusy ? "…" : act}
              </button>
            </div>
            <details>
              <summary>The same in a terminal</summary>
              <Command text={props.command(reason.trim())} />
            </details>
          </>
        ) : (
          <>
            <div role="status" class="consequence">
              {done}
            </div>
            <div class="dialog-acts">
              <button type="button" class="primary" onClick={() => dialog.current?.close()}>
                Close
              </button>
            </div>
          </>
        )}
      </form>
    </dialog>
  );
}

function wordsOf({ status, code, message }: Refused): string {
  if (status === 0) return "Not sent: no connection. What you typed is kept.";
  if (code === "conflict") return `It has changed since you looked: ${message}`;
  return message;
}

/** For a command line: quoted where it has to be. */
export function quoted(text: string): string {
  return /^[\w@./-]+$/.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`;
}

import { useEffect, useRef } from "preact/hooks";
import { useKept } from "../data/kept.ts";
import { sessionsLost } from "../data/send.ts";
import { KeyForm } from "../screens/sign-in/key-form.tsx";

/** Whoever types is not interrupted between two keys: what is typed goes where it was meant to. */
const PAUSE_MS = 1_000;

/** Over a page whose session has ended: the page and what was typed in it stay. */
export function SessionDialog() {
  const lost = useKept(sessionsLost);
  const dialog = useRef<HTMLDialogElement>(null);
  /** Those that were lost before somebody signed in are nothing to them. */
  const before = useRef(lost);
  useEffect(() => {
    if (lost === before.current || dialog.current?.open) return undefined;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const wait = () => {
      clearTimeout(timer);
      timer = setTimeout(open, PAUSE_MS);
    };
    const stop = () => {
      clearTimeout(timer);
      document.removeEventListener("keydown", wait, { capture: true });
    };
    const open = () => {
      stop();
      dialog.current?.showModal();
    };
    if (!isEditing()) {
      open();
      return undefined;
    }
    document.addEventListener("keydown", wait, { capture: true });
    wait();
    return stop;
  }, [lost]);
  return (
    <dialog ref={dialog} aria-labelledby="session-title" class="dialog">
      {/* Not the field: a key that is pressed a moment later is no part of a secret. */}
      <h2 id="session-title" tabIndex={-1} autofocus>
        Your session is over
      </h2>
      <p>Sign in again to go on. What is on this page stays as it is.</p>
      <KeyForm
        onDone={() => {
          dialog.current?.close();
        }}
      />
    </dialog>
  );
}

/** Whether what is pressed now is text of something. */
function isEditing(): boolean {
  let focused = document.activeElement;
  while (focused?.shadowRoot?.activeElement) focused = focused.shadowRoot.activeElement;
  return (
    focused instanceof HTMLElement &&
    (focused.isContentEditable || focused.matches("input, textarea, select"))
  );
}

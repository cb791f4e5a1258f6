import { useEffect, useRef } from "preact/hooks";
import { useKept } from "../data/kept.ts";
import { sessionsLost } from "../data/send.ts";
import { KeyForm } from "../screens/sign-in/key-form.tsx";

/** Over a page whose session has ended: the page and what was typed in it stay. */
export function SessionDialog() {
  const lost = useKept(sessionsLost);
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    if (lost > 0 && !dialog.current?.open) dialog.current?.showModal();
  }, [lost]);
  return (
    <dialog ref={dialog} aria-labelledby="session-title" class="dialog">
      <h2 id="session-title">Your session is over</h2>
      <p>Sign in again to go on. What is on this page stays as it is.</p>
      <KeyForm
        onDone={() => {
          dialog.current?.close();
        }}
      />
    </dialog>
  );
}

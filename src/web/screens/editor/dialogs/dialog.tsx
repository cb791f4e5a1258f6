import type { ComponentChildren } from "preact";
import { useCallback, useId } from "preact/hooks";
import { useModal } from "../../../parts/modal.ts";

/** A dialog over the page; the focus goes back to what opened it. `close` is for its own buttons. */
export function Dialog({
  title,
  isWide = false,
  onClose,
  children,
}: {
  readonly title: string;
  readonly isWide?: boolean;
  readonly onClose: () => void;
  readonly children: (close: () => void) => ComponentChildren;
}) {
  const dialog = useModal();
  const id = useId();
  const close = useCallback(() => dialog.current?.close(), [dialog]);
  return (
    <dialog ref={dialog} class={isWide ? "dialog wide" : "dialog"} aria-labelledby={id} onClose={onClose}>
      <h2 id={id} tabIndex={-1}>
        {title}
      </h2>
      {children(close)}
    </dialog>
  );
}

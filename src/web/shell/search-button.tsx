import { type ComponentType } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";

interface DialogProps {
  readonly onClose: () => void;
}

const isMac = /Mac|iPhone|iPad/.test(navigator.platform);

/** Opens what finds prompts and pages, also by Ctrl K or ⌘ K; it is loaded when it is wanted. */
export function SearchButton() {
  const [isOpen, setOpen] = useState(false);
  const [Dialog, setDialog] = useState<ComponentType<DialogProps>>();
  // Known to the listener below before the next key: an effect runs a frame later.
  const isAwaited = useRef(false);
  isAwaited.current = isOpen && !Dialog;
  useEffect(() => {
    const pressed = (event: KeyboardEvent) => {
      if (event.key === "Escape" && isAwaited.current) return setOpen(false);
      if (event.key.toLowerCase() !== "k" || !(event.ctrlKey || event.metaKey) || event.altKey) return;
      // A dialog that asks something is not covered by another one.
      if (document.querySelector("dialog[open]")) return;
      event.preventDefault();
      setOpen(true);
    };
    addEventListener("keydown", pressed);
    return () => removeEventListener("keydown", pressed);
  }, []);
  useEffect(() => {
    if (!isOpen || Dialog) return;
    import("./search-dialog.tsx").then(
      (module) => setDialog(() => module.SearchDialog),
      () => setOpen(false),
    );
  }, [isOpen, Dialog]);
  return (
    <>
      <button
        type="button"
        class="find"
        aria-haspopup="dialog"
        aria-keyshortcuts={isMac ? "Meta+K" : "Control+K"}
        onClick={() => setOpen(true)}
      >
        Search <kbd aria-hidden="true">{isMac ? "⌘ K" : "Ctrl K"}</kbd>
      </button>
      {isOpen && Dialog && <Dialog onClose={() => setOpen(false)} />}
    </>
  );
}

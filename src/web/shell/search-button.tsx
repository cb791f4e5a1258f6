import { type ComponentType } from "preact";
import { useEffect, useState } from "preact/hooks";

interface DialogProps {
  readonly onClose: () => void;
}
let loaded: ComponentType<DialogProps> | undefined;

const isMac = /Mac|iPhone|iPad/.test(navigator.platform);

/** Opens what finds prompts and pages, also by Ctrl K or ⌘ K; it is loaded when it is wanted. */
export function SearchButton() {
  const [isOpen, setOpen] = useState(false);
  const [isLoaded, setLoaded] = useState(false);
  useEffect(() => {
    const pressed = (event: KeyboardEvent) => {
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
    if (!isOpen || loaded) return;
    const pressed = (event: KeyboardEvent) => {
      if (event.key === "Escape") setOpen(false);
    };
    addEventListener("keydown", pressed);
    import("./search-dialog.tsx").then(
      (module) => {
        loaded = module.SearchDialog;
        setLoaded(true);
      },
      () => setOpen(false),
    );
    return () => removeEventListener("keydown", pressed);
  }, [isOpen, isLoaded]);
  const Dialog = isOpen ? loaded : undefined;
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
      {Dialog && <Dialog onClose={() => setOpen(false)} />}
    </>
  );
}

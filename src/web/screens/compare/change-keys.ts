import { useEffect } from "preact/hooks";

const CHANGES = "[data-change]";

/** Goes to the next (1) or the previous (-1) change; with Alt and an arrow, too. */
export function useChangeKeys(): (by: 1 | -1) => void {
  useEffect(() => {
    const pressed = (event: KeyboardEvent) => {
      if (!event.altKey || (event.key !== "ArrowDown" && event.key !== "ArrowUp")) return;
      event.preventDefault();
      moveToChange(event.key === "ArrowDown" ? 1 : -1);
    };
    addEventListener("keydown", pressed);
    return () => removeEventListener("keydown", pressed);
  }, []);
  return moveToChange;
}

function moveToChange(by: 1 | -1): void {
  const changes = [...document.querySelectorAll<HTMLElement>(CHANGES)];
  const at = changes.findIndex((change) => change === document.activeElement);
  const next = at < 0 ? (by > 0 ? 0 : changes.length - 1) : at + by;
  const target = changes[Math.max(0, Math.min(changes.length - 1, next))];
  target?.focus();
  target?.scrollIntoView({ block: "center" });
}

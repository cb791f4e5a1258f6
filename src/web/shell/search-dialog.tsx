import { useEffect, useId, useState } from "preact/hooks";
import type { ListedPrompt } from "../../domain/shapes/prompts.ts";
import type { Page } from "../data/page.ts";
import { useResource } from "../data/resource.ts";
import { useModal } from "../parts/modal.ts";
import { ShownText } from "../parts/shown-text.tsx";
import { go, withQuery } from "../route.ts";
import { type Found, foundBeside, ofPrompt } from "./found.ts";

const TYPED_MS = 120;
const MOST_PROMPTS = 8;

/** Finds prompts, versions and pages by a few letters of their names: the combobox of the ARIA patterns. */
export function SearchDialog({ onClose }: { readonly onClose: () => void }) {
  const dialog = useModal();
  const id = useId();
  const [text, setText] = useState("");
  const [asked, setAsked] = useState("");
  const [at, setAt] = useState(0);
  useEffect(() => {
    const timer = setTimeout(() => setAsked(text.trim().toLowerCase()), TYPED_MS);
    return () => clearTimeout(timer);
  }, [text]);
  const prompts = useResource<Page<ListedPrompt>>(
    withQuery("/v1/prompts", { q: asked.split("@", 1)[0], limit: String(MOST_PROMPTS) }),
  );
  const found = [...foundBeside(asked), ...(prompts.value?.items ?? []).map((prompt) => ofPrompt(prompt))];
  const chosen = found[Math.min(at, found.length - 1)];
  const optionId = (one: Found) => `${id}-${found.indexOf(one)}`;
  function open(one: Found | undefined): void {
    if (!one) return;
    dialog.current?.close();
    go(one.to);
    scrollTo(0, 0);
  }
  function pressed(event: KeyboardEvent): void {
    const step = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
    if (event.key === "Enter") {
      event.preventDefault();
      open(chosen);
    }
    if (step === 0 || found.length === 0) return;
    event.preventDefault();
    setAt((Math.min(at, found.length - 1) + step + found.length) % found.length);
  }
  return (
    <dialog ref={dialog} class="dialog finder" aria-label="Search" onClose={onClose}>
      <input
        type="text"
        list={undefined}
        role="combobox"
        aria-label="A prompt, a version as in name@8, or a page"
        placeholder="A prompt, a version as in name@8, or a page"
        aria-expanded={found.length > 0}
        aria-controls={`${id}-list`}
        aria-autocomplete="list"
        {...(chosen && { "aria-activedescendant": optionId(chosen) })}
        value={text}
        onInput={(event) => {
          setText(event.currentTarget.value);
          setAt(0);
        }}
        onKeyDown={pressed}
      />
      <div id={`${id}-list`} role="listbox" aria-label="Found" class="found">
        {found.map((one) => (
          // oxlint-disable-next-line jsx-a11y/click-events-have-key-events -- the field above has the keys of all options
          <div
            key={`${one.kind} ${one.to}`}
            id={optionId(one)}
            role="option"
            tabIndex={-1}
            aria-selected={one === chosen}
            onClick={() => open(one)}
          >
            <span>{one.name}</span>
            <span class="note">
              <ShownText text={one.about} />
            </span>
          </div>
        ))}
      </div>
      <p class="note" role="status">
        {found.length === 0 && prompts.value ? `Nothing has “${text.trim()}” in its name.` : ""}
      </p>
    </dialog>
  );
}

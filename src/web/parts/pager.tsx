import type { Pages } from "../data/pages.ts";

/** To the pages before and after; nothing where there is one page alone. */
export function Pager<Item>({ pages: { back, forward, number } }: { readonly pages: Pages<Item> }) {
  if (!back && !forward) return null;
  return (
    <nav class="pager" aria-label="Pages">
      <button type="button" aria-disabled={!back} onClick={back}>
        Back
      </button>
      <span>Page {number}</span>
      <button type="button" aria-disabled={!forward} onClick={forward}>
        Next 50
      </button>
    </nav>
  );
}

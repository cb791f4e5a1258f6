import { stretchesOf } from "./hidden-characters.ts";

/** What somebody else wrote, as text and nothing else. */
export function ShownText({ text }: { readonly text: string }) {
  return (
    <>
      {stretchesOf(text).map(({ text: stretch, isHidden }, index) =>
        isHidden ? (
          <span key={index} class="hidden-character">
            {stretch}
          </span>
        ) : (
          stretch
        ),
      )}
    </>
  );
}

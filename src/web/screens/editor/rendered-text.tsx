import { useMemo } from "preact/hooks";
import { blocksOf, type RenderedStretch } from "../../editing/preview.ts";
import { ShownText } from "../../parts/shown-text.tsx";

/** A text that may be long and is rendered anew with each key: only the lines around what has changed are. */
export function RenderedText({ stretches }: { readonly stretches: readonly RenderedStretch[] }) {
  return (
    <>
      {blocksOf(stretches).map((block, at) => (
        <Block key={at} said={JSON.stringify(block)} />
      ))}
    </>
  );
}

/** Its stretches as JSON: where that is the same as before, not even the elements are compared. */
function Block({ said }: { readonly said: string }) {
  return useMemo(
    () => (
      <span class="lines-block">
        {(JSON.parse(said) as readonly RenderedStretch[]).map(({ text, isOutside }, at) =>
          isOutside ? (
            <mark key={at} class="from-outside">
              <ShownText text={text} />
            </mark>
          ) : (
            <ShownText key={at} text={text} />
          ),
        )}
      </span>
    ),
    [said],
  );
}

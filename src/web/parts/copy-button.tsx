import { useState } from "preact/hooks";

/** Puts a text where it can be pasted from. `of` says what, for who cannot see beside what the button stands. */
export function CopyButton({ text, of }: { readonly text: string; readonly of?: string }) {
  const [isCopied, setCopied] = useState(false);
  return (
    <button
      type="button"
      class="small"
      onClick={() => void navigator.clipboard.writeText(text).then(() => setCopied(true))}
    >
      {isCopied ? "Copied" : "Copy"}
      {of !== undefined && <span class="heard"> {of}</span>}
    </button>
  );
}

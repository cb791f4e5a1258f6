import { useEffect, useRef, useState } from "preact/hooks";

const TYPED_MS = 250;

/** A text that is looked for as it is typed, a moment after the last key. */
export function TypedField({
  label,
  value,
  placeholder,
  onTyped,
}: {
  readonly label: string;
  readonly value: string;
  readonly placeholder?: string;
  readonly onTyped: (text: string) => void;
}) {
  const [text, setText] = useState(value);
  const [known, setKnown] = useState(value);
  // What is changed elsewhere (by a link, or going back) is shown here too.
  if (known !== value) {
    setKnown(value);
    setText(value);
  }
  const told = useRef(onTyped);
  told.current = onTyped;
  useEffect(() => {
    if (text.trim() === value) return undefined;
    const timer = setTimeout(() => told.current(text.trim()), TYPED_MS);
    return () => clearTimeout(timer);
  }, [text, value]);
  return (
    <label>
      <span>{label}</span>
      <input
        type="search"
        value={text}
        {...(placeholder !== undefined && { placeholder })}
        onInput={(event) => setText(event.currentTarget.value)}
      />
    </label>
  );
}

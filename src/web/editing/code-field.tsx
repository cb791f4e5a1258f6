import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import type { CodeEditor, CodeState } from "./code-editor.ts";

/** What others may have a text field do. */
export type CodeHandle = Pick<CodeEditor, "insert" | "focus">;

/**
 * A text with placeholders. It is a plain field until its editor has been loaded, and stays one where it cannot be;
 * what was typed meanwhile, and the caret, are carried over.
 */
export function CodeField({
  text,
  state,
  onChange,
  onReady,
}: {
  readonly text: string;
  readonly state: CodeState;
  readonly onChange: (text: string) => void;
  readonly onReady: (handle: CodeHandle) => void;
}) {
  const host = useRef<HTMLDivElement>(null);
  const plain = useRef<HTMLTextAreaElement>(null);
  const editor = useRef<CodeEditor | undefined>(undefined);
  const isFocusDue = useRef(false);
  const [isPlain, setPlain] = useState(true);
  const latest = useRef({ text, state, onChange, onReady });
  latest.current = { text, state, onChange, onReady };
  useEffect(() => {
    let isWanted = true;
    const change = (next: string) => latest.current.onChange(next);
    void import("./code-editor.ts").then(
      ({ openCodeEditor }) => {
        if (!isWanted || !host.current) return;
        const field = plain.current;
        const hadFocus = document.activeElement === field;
        const caret =
          hadFocus && field ? { anchor: field.selectionStart, head: field.selectionEnd } : undefined;
        const opened = openCodeEditor(host.current, {
          text: latest.current.text,
          state: latest.current.state,
          caret,
          onChange: change,
        });
        editor.current = opened;
        setPlain(false);
        isFocusDue.current = hadFocus;
      },
      // The plain field does all that is needed.
      () => undefined,
    );
    return () => {
      isWanted = false;
      editor.current?.close();
      editor.current = undefined;
    };
  }, []);
  // Messages are moved, so whoever asks for one by its place is told of it again.
  useEffect(() => onReady(editor.current ?? handleOf(plain)));
  // Before the next key: an effect that ran after it would put back the text before it.
  useLayoutEffect(() => editor.current?.setText(text), [text]);
  useLayoutEffect(() => {
    // What is hidden cannot have the focus.
    if (!isPlain && isFocusDue.current) editor.current?.focus();
    isFocusDue.current = false;
  }, [isPlain]);
  const known = JSON.stringify(state);
  useEffect(() => editor.current?.setState(latest.current.state), [known]);
  return (
    <div class="code-field">
      <div ref={host} class="code-host" hidden={isPlain} />
      {isPlain && (
        <textarea
          ref={plain}
          class="code-plain"
          aria-label={state.label}
          rows={Math.min(24, text.split("\n").length + 1)}
          readOnly={state.isReadOnly}
          value={text}
          onInput={(event) => onChange(event.currentTarget.value)}
        />
      )}
    </div>
  );
}

function handleOf(field: { readonly current: HTMLTextAreaElement | null }): CodeHandle {
  return { insert: (more) => insertInto(field.current, more), focus: () => field.current?.focus() };
}

function insertInto(field: HTMLTextAreaElement | null, more: string): void {
  if (!field) return;
  field.setRangeText(more, field.selectionStart, field.selectionEnd, "end");
  field.dispatchEvent(new Event("input", { bubbles: true }));
  field.focus();
}

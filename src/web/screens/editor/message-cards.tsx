import { useEffect, useRef, useState } from "preact/hooks";
import type { TextProblem } from "../../editing/analysed.ts";
import type { CodeHandle } from "../../editing/code-field.tsx";
import { type EditedFile, type EditedMessage, messagesOf, withMessages } from "../../editing/edited-file.ts";
import { Section } from "../../parts/page.tsx";
import { MessageCard } from "./message-card.tsx";

/** The messages in the order in which a model gets them. */
export function MessageCards({
  file,
  problems,
  handles,
  isReadOnly,
  onChange,
}: {
  readonly file: EditedFile;
  readonly problems: readonly TextProblem[];
  /** Where the caret can be put, by the place of the message. */
  readonly handles: Map<number, CodeHandle>;
  readonly isReadOnly: boolean;
  readonly onChange: (file: EditedFile) => void;
}) {
  const messages = messagesOf(file);
  const ids = useIds(messages.length);
  const [said, setSaid] = useState("");
  const focusOn = useRef<string | undefined>(undefined);
  useEffect(() => {
    if (focusOn.current === undefined) return;
    document.querySelector<HTMLElement>(focusOn.current)?.focus();
    focusOn.current = undefined;
  });
  const change = (next: readonly EditedMessage[]) => onChange(withMessages(file, next));
  function move(from: number, by: 1 | -1): void {
    const to = from + by;
    if (to < 0 || to >= messages.length) return;
    swap(ids, from, to);
    change(swapped(messages, from, to));
    // At an end there is nothing more to press in this direction.
    const isAtEnd = to === 0 || to === messages.length - 1;
    const button = isAtEnd ? (by > 0 ? "up" : "down") : by > 0 ? "down" : "up";
    focusOn.current = `[data-message="${ids[to]}"] [data-act="${button}"]`;
    setSaid(`Moved to place ${to + 1} of ${messages.length}`);
  }
  function remove(at: number): void {
    ids.splice(at, 1);
    change(messages.filter((_, index) => index !== at));
    focusOn.current = "[data-act=add-message]";
    setSaid("Removed");
  }
  function add(): void {
    const last = messages.findLast((message) => "role" in message);
    const role = last && "role" in last && last.role === "user" ? "assistant" : "user";
    change([...messages, { role, content: "" }]);
  }
  return (
    <Section title="Messages">
      <p role="status" class="heard">
        {said}
      </p>
      <ol class="message-cards">
        {messages.map((message, index) => (
          <MessageCard
            key={ids[index]}
            id={ids[index] ?? 0}
            message={message}
            place={{ index, count: messages.length }}
            file={file}
            problems={problems.filter((problem) => problem.message === index)}
            isReadOnly={isReadOnly}
            onReady={(handle) => handles.set(index, handle)}
            onChange={(next) => change(messages.with(index, next))}
            onMove={(by) => move(index, by)}
            onRemove={() => remove(index)}
          />
        ))}
      </ol>
      {!isReadOnly && (
        <button type="button" data-act="add-message" onClick={add}>
          Add message
        </button>
      )}
    </Section>
  );
}

/** A name for each card that stays with it wherever it is moved. */
function useIds(count: number): number[] {
  const ids = useRef<number[]>([]);
  const next = useRef(1);
  while (ids.current.length < count) ids.current.push(next.current++);
  ids.current.length = count;
  return ids.current;
}

function swap(list: number[], one: number, other: number): void {
  [list[one], list[other]] = [list[other] ?? 0, list[one] ?? 0];
}

function swapped(messages: readonly EditedMessage[], one: number, other: number): EditedMessage[] {
  const next = [...messages];
  const [a, b] = [messages[one], messages[other]];
  if (a && b) [next[one], next[other]] = [b, a];
  return next;
}

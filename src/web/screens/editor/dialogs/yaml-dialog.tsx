import { isMapping } from "../../../../domain/json/is-mapping.ts";
import { useEffect, useId, useState } from "preact/hooks";
import { messageOf } from "../../../../domain/errors.ts";
import { Skeleton } from "../../../parts/page.tsx";
import type { DraftStore } from "../../../editing/draft-store.ts";
import type { EditedFile } from "../../../editing/edited-file.ts";
import { Dialog } from "./dialog.tsx";

/** The draft as the file that it is: what is typed is in the draft at once, wherever it can be read. */
export function YamlDialog({
  prompt,
  store,
  onClose,
}: {
  readonly prompt: string;
  readonly store: DraftStore;
  readonly onClose: () => void;
}) {
  const id = useId();
  const [text, setText] = useState<string>();
  const [problem, setProblem] = useState<string>();
  const [isFirst, setFirst] = useState(true);
  useEffect(() => {
    void import("yaml").then(({ stringify }) =>
      setText(stringify({ name: prompt, ...store.draft.get().file }, { lineWidth: 0 })),
    );
  }, [prompt, store]);
  async function take(written: string): Promise<void> {
    setText(written);
    try {
      const file = await readFile(written, prompt);
      setProblem(undefined);
      store.change({ file }, { keepBefore: isFirst });
      setFirst(false);
    } catch (error) {
      setProblem(messageOf(error).split("\n", 1)[0]);
    }
  }
  return (
    <Dialog title="The draft as a file" isWide onClose={onClose}>
      {(close) => (
        <>
          <p id={`${id}-note`} class="note">
            As sluice push takes it. What you type is in the draft at once; how it was before is kept in its
            history.
          </p>
          {text === undefined ? (
            <Skeleton lines={8} />
          ) : (
            <textarea
              class="code yaml"
              aria-label="The file, in YAML"
              aria-describedby={`${id}-note ${id}-problem`}
              aria-invalid={problem !== undefined}
              spellcheck={false}
              rows={Math.min(24, text.split("\n").length + 1)}
              value={text}
              onInput={(event) => void take(event.currentTarget.value)}
            />
          )}
          <p id={`${id}-problem`} role="status" class="failed-line">
            {problem && `Not in the draft yet: ${problem}`}
          </p>
          <div class="dialog-acts">
            <button type="button" class="primary" onClick={close}>
              Back to the form
            </button>
          </div>
        </>
      )}
    </Dialog>
  );
}

/** What the form can show; whether it is a good prompt is said beside it, as of all that is typed. */
async function readFile(text: string, prompt: string): Promise<EditedFile> {
  const { parse } = await import("yaml");
  const read: unknown = parse(text);
  if (!isMapping(read)) throw new Error("a prompt file is a list of keys and values");
  const { name = prompt, policy, ...file } = read;
  if (name !== prompt) throw new Error(`it is of ${prompt}, and says the name ${String(name)}`);
  if (policy !== undefined)
    throw new Error("a policy is pushed with sluice push, or over the API: leave policy out here");
  const { messages, variables, params } = file;
  if (messages !== undefined && !(Array.isArray(messages) && messages.every(isMessage)))
    throw new Error("messages is a list, each with a role and content, a placeholder, or an include");
  for (const [key, value] of Object.entries({ variables, params }))
    if (value !== undefined && !isMapping(value))
      throw new Error(`${key} is a list of names and what each is`);
  const oddVariable = Object.entries(variables ?? {}).find(([, spec]) => !isMapping(spec));
  if (oddVariable) throw new Error(`the variable ${oddVariable[0]} needs what it is, as in { type: string }`);
  return file;
}

function isMessage(value: unknown): boolean {
  if (!isMapping(value)) return false;
  const { role, content, placeholder, include } = value;
  if (typeof placeholder === "string" || typeof include === "string") return true;
  return typeof role === "string" && (typeof content === "string" || Array.isArray(content));
}

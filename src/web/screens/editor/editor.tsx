import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { useKept } from "../../data/kept.ts";
import { useResource } from "../../data/resource.ts";
import { signedIn } from "../../data/session.ts";
import { analysed } from "../../editing/analysed.ts";
import type { CodeHandle } from "../../editing/code-field.tsx";
import { DraftStore } from "../../editing/draft-store.ts";
import { draftArtifact, type EditedFile } from "../../editing/edited-file.ts";
import { previewed } from "../../editing/preview.ts";
import type { Playground } from "../playground/playground.ts";
import { EditorBar } from "./editor-bar.tsx";
import { Findings } from "./findings.tsx";
import type { Start } from "./load-start.ts";
import { MessageCards } from "./message-cards.tsx";
import { ModelForm } from "./model-form.tsx";
import { Notices } from "./notices.tsx";
import { Costs } from "./costs.tsx";
import { Preview } from "./preview.tsx";
import { TestsPart } from "./tests-part.tsx";
import { tryIt } from "./try-it.ts";
import { useChecked } from "./use-checked.ts";
import { useIncluded } from "./use-included.ts";
import { VariablesForm } from "./variables-form.tsx";

export interface EditorProps {
  readonly prompt: string;
  readonly start: Start;
  readonly onOpened: (draft: string) => void;
}

/** The text on one side, on the other what the model will get. */
export function Editor({ prompt, start, onOpened }: EditorProps) {
  const [store] = useState(
    () =>
      new DraftStore({
        prompt,
        owner: signedIn.get()?.owner ?? "",
        start: start.draft,
        ...(start.saved && { saved: start.saved }),
        onOpened,
      }),
  );
  useSaving(store);
  const draft = useKept(store.draft);
  const { file } = draft;
  const isReadOnly = !start.may.allowed;
  // Whoever may not write tries values all the same; they are kept nowhere.
  const [tried, setTried] = useState(draft.values);
  const values = isReadOnly ? tried : draft.values;
  const [view, setView] = useState<"text" | "preview">("text");
  const handles = useRef(new Map<number, CodeHandle>());
  const { problems, unused } = useMemo(() => analysed(file), [file]);
  const included = useIncluded(file);
  const { artifact, missing } = useMemo(() => draftArtifact(file, included), [file, included]);
  const preview = useMemo(() => previewed(artifact, values), [artifact, values]);
  const checked = useChecked(prompt, file);
  const playground = useResource<Playground>(`/v1/playground?prompt=${encodeURIComponent(prompt)}`);
  const change = (next: EditedFile) => store.change({ file: next });
  return (
    <>
      <EditorBar prompt={prompt} store={store} start={start} problems={problems} checked={checked} />
      <Notices prompt={prompt} store={store} start={start} />
      <div class="views" role="group" aria-label="What is shown">
        {(["text", "preview"] as const).map((one) => (
          <button key={one} type="button" aria-pressed={view === one} onClick={() => setView(one)}>
            {one === "text" ? "Text" : "Preview"}
          </button>
        ))}
      </div>
      <div class={`editor-columns shows-${view}`}>
        <div class="editor-text">
          <MessageCards
            file={file}
            problems={problems}
            handles={handles.current}
            isReadOnly={isReadOnly}
            onChange={change}
          />
          <VariablesForm file={file} unused={unused} isReadOnly={isReadOnly} onChange={change} />
          <ModelForm file={file} isReadOnly={isReadOnly} onChange={change} />
        </div>
        <div class="editor-preview">
          <Preview
            artifact={artifact}
            preview={preview}
            values={values}
            missing={missing}
            cases={playground.value?.cases ?? []}
            onValues={(next) => (isReadOnly ? setTried(next) : store.change({ values: next }))}
            isReadOnly={isReadOnly}
          />
          <Costs preview={preview} checked={checked} />
          <Findings
            file={file}
            problems={problems}
            checked={checked}
            onGo={({ message, from }) => {
              setView("text");
              // The text may be hidden until the page is drawn anew.
              requestAnimationFrame(() => handles.current.get(message)?.focus(from));
            }}
            onChange={change}
            isReadOnly={isReadOnly}
          />
          <TestsPart
            prompt={prompt}
            file={file}
            cases={playground.value?.cases.length}
            right={playground.value?.can.run}
            problems={problems.length + (checked.isCurrent ? (checked.found?.problems.length ?? 0) : 0)}
            onTry={(tried) => void tryIt(prompt, store, tried)}
          />
        </div>
      </div>
    </>
  );
}

/** What was typed is sent before the page goes away, and by Ctrl or ⌘ S at once. */
function useSaving(store: DraftStore): void {
  useEffect(() => {
    const hidden = () => {
      if (document.hidden) void store.saveNow({ isLeaving: true });
    };
    const pressed = (event: KeyboardEvent) => {
      if (event.key !== "s" || !(event.ctrlKey || event.metaKey) || event.altKey || event.shiftKey) return;
      event.preventDefault();
      void store.saveNow();
    };
    document.addEventListener("visibilitychange", hidden);
    addEventListener("keydown", pressed);
    return () => {
      document.removeEventListener("visibilitychange", hidden);
      removeEventListener("keydown", pressed);
      void store.saveNow({ isLeaving: true });
      store.close();
    };
  }, [store]);
}

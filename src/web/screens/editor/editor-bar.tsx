import { useState } from "preact/hooks";
import { OfferedActs } from "../../acts/offered.tsx";
import { useKept } from "../../data/kept.ts";
import type { TextProblem } from "../../editing/analysed.ts";
import type { SaveState } from "../../editing/draft.ts";
import type { DraftStore } from "../../editing/draft-store.ts";
import { PageHead } from "../../parts/page.tsx";
import { clock } from "../../parts/time.tsx";
import { PromptLink } from "../../parts/version-link.tsx";
import { DiscardDialog } from "./dialogs/discard-dialog.tsx";
import { downloadFile } from "./download-file.ts";
import { HistoryDialog } from "./dialogs/history-dialog.tsx";
import type { Start } from "./load-start.ts";
import { SaveDialog } from "./dialogs/save-dialog.tsx";
import { tryIt } from "./try-it.ts";
import { YamlDialog } from "./dialogs/yaml-dialog.tsx";
import type { Checked } from "./use-checked.ts";

/** What this is, where what was typed is, and what can be done with it. */
export function EditorBar({
  prompt,
  store,
  start,
  problems,
  checked,
}: {
  readonly prompt: string;
  readonly store: DraftStore;
  readonly start: Start;
  readonly problems: readonly TextProblem[];
  readonly checked: Checked;
}) {
  const state = useKept(store.state);
  const { base, file, values } = useKept(store.draft);
  const [dialog, setDialog] = useState<"save" | "discard" | "history" | "yaml">();
  const close = () => setDialog(undefined);
  const hasDraft = state.kind !== "untouched";
  // What was said of an earlier text may be mended already: the server says it again where it is not.
  const left = problems.length + (checked.isCurrent ? (checked.found?.problems.length ?? 0) : 0);
  return (
    <div class="editor-bar">
      <PageHead
        title={start.isNew ? `New prompt ${prompt}` : `Edit ${prompt}`}
        kicker={<PromptLink prompt={prompt} />}
        acts={
          <OfferedActs
            acts={[
              {
                name: "Save as version…",
                tone: "primary",
                right: start.may.allowed || start.may.because === "right" ? start.may : undefined,
                onAct: () => setDialog("save"),
              },
              {
                name: "Try it",
                right: start.isNew && !hasDraft ? undefined : { allowed: true },
                onAct: () => void tryIt(prompt, store, values),
              },
              {
                name: "Edit as YAML",
                right: start.may.allowed ? { allowed: true } : undefined,
                onAct: () => setDialog("yaml"),
              },
              {
                name: "Download file",
                right: { allowed: true },
                onAct: () => void downloadFile(prompt, file),
              },
              {
                name: "History",
                right: hasDraft && start.may.allowed && store.draftId ? { allowed: true } : undefined,
                onAct: () => setDialog("history"),
              },
              {
                name: "Discard draft…",
                right: hasDraft && start.may.allowed ? { allowed: true } : undefined,
                onAct: () => setDialog("discard"),
              },
            ]}
          />
        }
      >
        <p class="save-state" role="status">
          {sentence(state, base, start)}
        </p>
      </PageHead>
      {dialog === "save" && (
        <SaveDialog prompt={prompt} store={store} problems={left} isNew={start.isNew} onClose={close} />
      )}
      {dialog === "discard" && <DiscardDialog prompt={prompt} store={store} onClose={close} />}
      {dialog === "yaml" && <YamlDialog prompt={prompt} store={store} onClose={close} />}
      {dialog === "history" && <HistoryDialog store={store} onClose={close} />}
    </div>
  );
}

const AWAY = {
  away: "Saved on this device; the server is away.",
  "signed out": "Saved on this device; sign in again, and it is sent.",
  busy: "Saved on this device; the server has too much to do just now.",
};

function sentence(state: SaveState, base: number | null, { isNew, isArchived, may, saved }: Start): string {
  const from = base === null ? "Draft" : `Draft from @${base}`;
  if (isArchived) return "This prompt is archived: it can be read, and not edited.";
  if (!may.allowed && saved) return `${saved.owner}'s draft${base === null ? "" : ` from @${base}`}.`;
  switch (state.kind) {
    case "untouched":
      if (!may.allowed) return base === null ? "Nothing is here yet." : `You are looking at @${base}.`;
      return isNew || base === null
        ? "Nothing is saved yet; typing makes a draft."
        : `You are looking at @${base}; typing makes a draft.`;
    case "saving":
      return `${from} · saving…`;
    case "saved":
      return `${from} · saved ${clock(state.at)}`;
    case "device":
      return `${from} · ${AWAY[state.why]}`;
    case "refused":
      return `${from} · kept on this device alone: ${state.why}`;
    case "clash":
      return `${from} · saved from another window meanwhile`;
  }
}

import { useEffect, useMemo, useState } from "preact/hooks";
import { Refused } from "../../../data/send.ts";
import type { Draft } from "../../../editing/draft.ts";
import { type EditedFile, NEW_FILE } from "../../../editing/edited-file.ts";
import { mergeFiles } from "../../../editing/merge-files.ts";
import type { Choice } from "../../../editing/merge-text.ts";
import { Skeleton } from "../../../parts/page.tsx";
import { ShownText } from "../../../parts/shown-text.tsx";
import { Dialog } from "./dialog.tsx";
import { readVersion } from "../load-start.ts";
import { MergePart } from "./merge-part.tsx";

/** The version that somebody saved meanwhile. */
export interface Theirs {
  readonly version: number;
  readonly author: string;
  readonly message: string;
}

export interface MergeDialogProps {
  readonly prompt: string;
  readonly draft: Draft;
  readonly theirs: Theirs;
  /** What is done with the merged file; its name stands on the button. */
  readonly act?: string;
  readonly onMerged: (file: EditedFile) => void;
  /** Saves it as it is, without what they changed. */
  readonly onWithout?: () => void;
  readonly onClose: () => void;
}

/** What each has changed since the version that both began from, brought together part by part. */
export function MergeDialog(props: MergeDialogProps) {
  const { draft, theirs, onMerged, onWithout, onClose, act = "Bring it into my draft" } = props;
  const read = useBoth(props);
  const [choices, setChoices] = useState<Readonly<Record<string, readonly Choice[]>>>({});
  const [isAsked, setAsked] = useState(false);
  const merged = useMemo(
    () => read.both && mergeFiles(read.both.base, draft.file, read.both.theirs),
    [read.both, draft.file],
  );
  const open = (merged?.parts ?? []).reduce(
    (sum, { part, open: places }) => sum + places - (choices[part] ?? []).filter(Boolean).length,
    0,
  );
  return (
    <Dialog title={`${theirs.author} saved @${theirs.version} meanwhile`} isWide onClose={onClose}>
      {(close) => (
        <>
          {theirs.message !== "" && (
            <p class="note">
              “<ShownText text={theirs.message} />”
            </p>
          )}
          {read.failed !== undefined && (
            <p role="alert" class="failed-line">
              {read.failed}
            </p>
          )}
          {!merged && read.failed === undefined && <Skeleton lines={6} />}
          {merged && (
            <ul class="merge-parts">
              {merged.parts.map((part) => (
                <MergePart
                  key={part.part}
                  part={part}
                  who={theirs.author}
                  choices={choices[part.part] ?? []}
                  onChoose={(next) => setChoices({ ...choices, [part.part]: next })}
                />
              ))}
            </ul>
          )}
          <p role="alert" class="failed-line">
            {isAsked && open > 0
              ? `Choose first: ${open === 1 ? "one place" : `${open} places`} that both of you changed.`
              : ""}
          </p>
          <div class="dialog-acts">
            <button type="button" onClick={close}>
              Back to editing
            </button>
            {onWithout && (
              <button
                type="button"
                onClick={() => {
                  close();
                  onWithout();
                }}
              >
                Save mine without {theirs.author}’s changes
              </button>
            )}
            <button
              type="button"
              class="primary"
              onClick={() => {
                setAsked(true);
                if (!merged || open > 0) return;
                onMerged(merged.with(choices));
                close();
              }}
            >
              {act}
            </button>
          </div>
        </>
      )}
    </Dialog>
  );
}

/** What both began from, and what it is now. */
function useBoth({ prompt, draft: { base }, theirs: { version } }: MergeDialogProps) {
  const [read, setRead] = useState<{ both?: { base: EditedFile; theirs: EditedFile }; failed?: string }>({});
  useEffect(() => {
    let isWanted = true;
    Promise.all([base === null ? NEW_FILE : readVersion(prompt, base), readVersion(prompt, version)]).then(
      ([from, theirs]) => isWanted && setRead({ both: { base: from, theirs } }),
      (error: unknown) =>
        isWanted && setRead({ failed: error instanceof Refused ? error.message : String(error) }),
    );
    return () => {
      isWanted = false;
    };
  }, [prompt, base, version]);
  return read;
}

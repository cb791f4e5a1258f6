import { useEffect, useId, useMemo, useState } from "preact/hooks";
import { versionData } from "../../../../domain/addresses/first-data.ts";
import { diffArtifacts } from "../../../../domain/prompt/version-diff.ts";
import type { ListedVersion, PushedVersion } from "../../../../domain/shapes/versions.ts";
import type { Page } from "../../../data/page.ts";
import { useKept } from "../../../data/kept.ts";
import { ask, Refused } from "../../../data/send.ts";
import type { DraftStore } from "../../../editing/draft-store.ts";
import { draftArtifact, type EditedFile } from "../../../editing/edited-file.ts";
import { newestSince } from "../../../editing/meanwhile.ts";
import { withoutPlace } from "../../../editing/without-place.ts";
import { Command } from "../../../parts/page.tsx";
import { go, versionPath } from "../../../route.ts";
import { ChangedPart } from "../../compare/changed-part.tsx";
import { Dialog } from "./dialog.tsx";
import { readVersion } from "../load-start.ts";
import { MergeDialog, type Theirs } from "./merge-dialog.tsx";
import { Saved } from "./saved.tsx";

/** So that whoever reads the list of versions knows more than that there is one. */
const SHORTEST_MESSAGE = 3;

export interface SaveDialogProps {
  readonly prompt: string;
  readonly store: DraftStore;
  /** How many findings keep it from being a version. */
  readonly problems: number;
  readonly isNew: boolean;
  readonly onClose: () => void;
}

/** Makes a version of the draft: what changed, why, and what came of it. */
export function SaveDialog({ prompt, store, problems, isNew, onClose }: SaveDialogProps) {
  const { file, base } = useKept(store.draft);
  const id = useId();
  const [message, setMessage] = useState("");
  const [failed, setFailed] = useState<string>();
  const [isBusy, setBusy] = useState(false);
  const [pushed, setPushed] = useState<PushedVersion>();
  const [meanwhile, setMeanwhile] = useState<Theirs>();
  const changes = useChanges(prompt, base, file);
  async function save(from: number | null, text: string): Promise<void> {
    if (isBusy) return;
    setBusy(true);
    setFailed(undefined);
    try {
      const { file: newest } = store.draft.get();
      const made = await ask<PushedVersion>(`/v1/prompts/${encodeURIComponent(prompt)}/versions`, {
        method: "POST",
        body: { file: newest, message: text, ...(from !== null && { base: from }) },
      });
      setPushed(made);
      // It is kept until there is a version of it, and no longer.
      await store.discard().catch(() => undefined);
    } catch (error) {
      const newer = error instanceof Refused ? await readMeanwhile(prompt, error) : undefined;
      if (newer && from !== null && newer.version > from && (await allRefused(prompt, from))) {
        setBusy(false);
        return save(newer.version, text);
      }
      if (newer) setMeanwhile(newer);
      else setFailed(error instanceof Refused ? wordsOf(error) : String(error));
    }
    setBusy(false);
  }
  function submit(): void {
    if (problems > 0)
      return setFailed(
        `${problems === 1 ? "One finding has" : `${problems} findings have`} to be mended first; they stand beside the text.`,
      );
    if (message.trim().length < SHORTEST_MESSAGE)
      return setFailed("Say what changed and why, in a few words.");
    void save(base, message.trim());
  }
  if (meanwhile)
    return (
      <MergeDialog
        prompt={prompt}
        draft={store.draft.get()}
        theirs={meanwhile}
        act={`Save the merged text as @${meanwhile.version + 1}`}
        onMerged={(merged) => {
          setMeanwhile(undefined);
          store.change({ file: merged, base: meanwhile.version }, { keepBefore: true });
          void save(meanwhile.version, message.trim());
        }}
        onWithout={() => {
          setMeanwhile(undefined);
          void save(meanwhile.version, `without @${meanwhile.version}’s changes: ${message.trim()}`);
        }}
        onClose={() => setMeanwhile(undefined)}
      />
    );
  const leave = () => {
    onClose();
    if (pushed) go(versionPath(`${prompt}@${pushed.version}`));
  };
  return (
    <Dialog title={titleOf(prompt, pushed, isNew)} isWide={!pushed} onClose={leave}>
      {(close) =>
        pushed ? (
          <Saved prompt={prompt} pushed={pushed} onClose={close} />
        ) : (
          <form
            onSubmit={(event) => {
              event.preventDefault();
              submit();
            }}
          >
            {base !== null && <Changes base={base} changes={changes} />}
            <label>
              <span>What changed and why?</span>
              <textarea
                rows={2}
                value={message}
                aria-required
                aria-describedby={`${id}-note`}
                onInput={(event) => setMessage(event.currentTarget.value)}
              />
              <span id={`${id}-note`} class="note">
                It stands beside the version for everybody. No user gets it yet.
              </span>
            </label>
            <p role="alert" class="failed-line">
              {failed}
            </p>
            <div class="dialog-acts">
              <button type="button" onClick={close}>
                Back to editing
              </button>
              <button type="submit" class="primary" aria-disabled={isBusy}>
                {isBusy ? "Saving…" : "Save"}
              </button>
            </div>
            <details>
              <summary>The same in a terminal</summary>
              <Command
                text={`sluice push ${prompt.replaceAll("/", "-")}.yaml --message '…'${base === null ? "" : ` --base ${base}`}`}
              />
            </details>
          </form>
        )
      }
    </Dialog>
  );
}

function titleOf(prompt: string, pushed: PushedVersion | undefined, isNew: boolean): string {
  if (!pushed) return isNew ? `Save the first version of ${prompt}?` : `Save a new version of ${prompt}?`;
  return pushed.created ? `Saved as ${prompt}@${pushed.version}` : `This is @${pushed.version} already`;
}

function Changes({
  base,
  changes,
}: {
  readonly base: number;
  readonly changes: ReturnType<typeof useChanges>;
}) {
  if (!changes) return <p class="note">What differs from @{base} could not be read yet.</p>;
  if (changes.length === 0) return <p>Nothing differs from @{base}.</p>;
  return (
    <div class="diff one save-changes" role="group" aria-label={`What changed from @${base}`}>
      {changes.map((change) => (
        <ChangedPart key={change.part} change={change} isOneColumn />
      ))}
    </div>
  );
}

/** What differs from the version that the draft began as. */
function useChanges(prompt: string, base: number | null, file: EditedFile) {
  const [before, setBefore] = useState<EditedFile>();
  useEffect(() => {
    let isWanted = true;
    if (base !== null)
      readVersion(prompt, base).then(
        (found) => isWanted && setBefore(found),
        // The diff is a help; the server compares for itself.
        () => undefined,
      );
    return () => {
      isWanted = false;
    };
  }, [prompt, base]);
  return useMemo(
    () => before && diffArtifacts(draftArtifact(before).artifact, draftArtifact(file).artifact),
    [before, file],
  );
}

async function readMeanwhile(prompt: string, { status, details }: Refused): Promise<Theirs | undefined> {
  const { kind, newest } = details;
  if (status !== 409 || kind !== "moved_on" || typeof newest !== "number") return undefined;
  return ask<Theirs>(versionData(prompt, newest)).catch(() => ({
    version: newest,
    author: "Somebody",
    message: "",
  }));
}

/** Whether all that came since was turned down: it is no conflict with anything that anybody wants. */
async function allRefused(prompt: string, since: number): Promise<boolean> {
  const path = `/v1/prompts/${encodeURIComponent(prompt)}/versions?limit=50`;
  const { items } = await ask<Page<ListedVersion>>(path).catch(() => ({ items: [] as ListedVersion[] }));
  return items.some(({ version }) => version <= since) && newestSince(items, since) === undefined;
}

function wordsOf({ status, message }: Refused): string {
  if (status === 0) return "Not sent: no connection. Your text is kept.";
  if (status === 401) return "Not sent: your session is over. Sign in, and save again; your text is kept.";
  return withoutPlace(message);
}

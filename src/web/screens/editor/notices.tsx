import type { ComponentChildren } from "preact";
import { ShownText } from "../../parts/shown-text.tsx";
import { useState } from "preact/hooks";
import type { KeptInGit } from "../../../domain/shapes/overview.ts";
import type { ListedDraft } from "../../../domain/shapes/drafts.ts";
import type { ListedVersion } from "../../../domain/shapes/versions.ts";
import { useKept } from "../../data/kept.ts";
import type { Page } from "../../data/page.ts";
import { useResource } from "../../data/resource.ts";
import { ask } from "../../data/send.ts";
import { whatChanged } from "../../data/stream.ts";
import { newestSince } from "../../editing/meanwhile.ts";
import type { DraftStore } from "../../editing/draft-store.ts";
import { clock, Time } from "../../parts/time.tsx";
import { comparePath, editorPath, go } from "../../route.ts";
import type { Start } from "./load-start.ts";
import { MergeDialog } from "./dialogs/merge-dialog.tsx";

/** What whoever writes should know: who else writes, what was saved meanwhile, what was found on the device. */
export function Notices({
  prompt,
  store,
  start,
}: {
  readonly prompt: string;
  readonly store: DraftStore;
  readonly start: Start;
}) {
  const state = useKept(store.state);
  const draft = useKept(store.draft);
  const name = encodeURIComponent(prompt);
  const drafts = useResource<Page<ListedDraft>>(`/v1/drafts?prompt=${name}`, whatChanged);
  const versions = useResource<Page<ListedVersion>>(
    start.isNew && draft.base === null ? undefined : `/v1/prompts/${name}/versions?limit=20`,
    whatChanged,
  );
  const [isMerging, setMerging] = useState(false);
  const [undo, setUndo] = useState<{ file: typeof draft.file; base: number | null; merged: number }>();
  const newest = newestSince(versions.value?.items ?? [], draft.base);
  const others = (drafts.value?.items ?? []).filter(({ draftId }) => draftId !== store.draftId);
  const mine = state.kind === "untouched" ? others.find((one) => one.mine) : undefined;
  const theirs = others.filter((one) => !one.mine);
  return (
    <div class="notices" role="status">
      {start.keptInGit && <InGit {...start.keptInGit} />}
      {start.saved && !start.saved.mine && <CopyToMine start={start} prompt={prompt} />}
      {state.kind === "clash" && (
        <Notice tone="needs">
          <p>This draft was saved from another window or device meanwhile, and the two differ.</p>
          <div class="acts">
            <button type="button" class="small" onClick={() => store.settle("mine")}>
              Go on with what is here
            </button>
            <button type="button" class="small" onClick={() => store.settle("theirs")}>
              Take what was saved there
            </button>
          </div>
        </Notice>
      )}
      {store.wasRestored && state.kind !== "clash" && (
        <Notice tone="calm">
          <p>What you had typed here before, and had not been sent, was kept on this device and is back.</p>
        </Notice>
      )}
      {mine && (
        <Notice tone="calm">
          <p>
            You have a draft of this already{mine.base === null ? "" : `, from @${mine.base}`} (
            <Time at={mine.updatedAt} />
            ). <a href={editorPath(prompt, { draft: mine.draftId })}>Go on with it</a>
          </p>
        </Notice>
      )}
      {theirs.map(({ draftId, owner, base, updatedAt }) => (
        <Notice key={draftId} tone="calm">
          <p>
            {owner} has a draft of this too{base === null ? "" : `, from @${base}`} (<Time at={updatedAt} />
            ). <a href={editorPath(prompt, { draft: draftId })}>Look at it</a>
          </p>
        </Notice>
      ))}
      {newest && start.may.allowed && (
        <Notice tone="needs">
          <p>
            {newest.author} saved @{newest.version} at {clock(new Date(newest.createdAt))}
            {newest.message !== "" && (
              <>
                : “<ShownText text={newest.message} />”
              </>
            )}
            . Yours is from @{draft.base} and does not have it.
          </p>
          <div class="acts">
            <a
              class="button small"
              href={comparePath(prompt, draft.base ?? 1, newest.version)}
              target="_blank"
              rel="noreferrer"
            >
              See what {newest.author} changed
            </a>
            <button type="button" class="small" onClick={() => setMerging(true)}>
              Bring it into mine
            </button>
          </div>
        </Notice>
      )}
      {undo && draft.base === undo.merged && (
        <Notice tone="calm">
          <p>@{undo.merged} is in your draft now.</p>
          <div class="acts">
            <button
              type="button"
              class="small"
              onClick={() => {
                store.change({ file: undo.file, base: undo.base }, { keepBefore: true });
                setUndo(undefined);
              }}
            >
              Undo the merge
            </button>
          </div>
        </Notice>
      )}
      {isMerging && newest && (
        <MergeDialog
          prompt={prompt}
          draft={draft}
          theirs={newest}
          onMerged={(file) => {
            setUndo({ file: draft.file, base: draft.base, merged: newest.version });
            store.change({ file, base: newest.version }, { keepBefore: true });
          }}
          onClose={() => setMerging(false)}
        />
      )}
    </div>
  );
}

function InGit({ repository, branch, path, owner }: KeptInGit) {
  return (
    <Notice tone={owner === "git" ? "needs" : "calm"}>
      <p>
        This prompt is kept in Git (<code>{repository}</code>, {branch}, <code>{path}</code>).{" "}
        {owner === "git"
          ? "It is changed there alone: saving a version here is refused. Write and try it here, download the file, and propose it there."
          : "Saving here makes a version that Git does not have: download the file, and bring it there too."}
      </p>
    </Notice>
  );
}

function CopyToMine({ start, prompt }: { readonly start: Start; readonly prompt: string }) {
  const [failed, setFailed] = useState<string>();
  const copy = () =>
    ask<ListedDraft>("/v1/drafts", {
      method: "POST",
      body: { prompt, ...start.draft },
      idempotencyKey: crypto.randomUUID(),
    }).then(
      ({ draftId }) => go(editorPath(prompt, { draft: draftId })),
      (error: unknown) => setFailed(error instanceof Error ? error.message : String(error)),
    );
  return (
    <Notice tone="calm">
      <p>This is {start.saved?.owner}'s draft. You can read it, and copy it to one of your own.</p>
      <div class="acts">
        <button type="button" class="small" onClick={() => void copy()}>
          Copy to mine
        </button>
      </div>
      {failed !== undefined && <p class="failed-line">{failed}</p>}
    </Notice>
  );
}

function Notice({
  tone,
  children,
}: {
  readonly tone: "calm" | "needs";
  readonly children: ComponentChildren;
}) {
  return <div class={`notice ${tone}`}>{children}</div>;
}

import { useEffect, useRef, useState } from "preact/hooks";
import { useKept } from "../../data/kept.ts";
import { awaySince, Refused } from "../../data/send.ts";
import { signedIn } from "../../data/session.ts";
import { PageHead, Skeleton, useTitle } from "../../parts/page.tsx";
import { PromptLink } from "../../parts/version-link.tsx";
import { address, editorPath, go } from "../../route.ts";
import { Editor } from "./editor.tsx";
import { loadStart, type Start } from "./load-start.ts";

/** Where a prompt is written: a draft, or a version from which one begins as soon as something is typed. */
export function EditorPage({ prompt }: { readonly prompt: string }) {
  useTitle(`Edit ${prompt}`);
  const query = new URLSearchParams(useKept(address).split("?")[1]);
  const wanted = { draft: query.get("draft"), from: query.get("from") };
  // A draft that was opened by typing gets an address, and is what is on the page already.
  const shown = useRef({ key: "", opened: "" });
  if (wanted.draft === null || wanted.draft !== shown.current.opened)
    shown.current = { key: `${wanted.draft} ${wanted.from}`, opened: "" };
  const opened = (draft: string) => {
    shown.current.opened = draft;
    go(editorPath(prompt, { draft }), "replace");
  };
  return <Loading key={shown.current.key} prompt={prompt} wanted={wanted} onOpened={opened} />;
}

function Loading({
  prompt,
  wanted,
  onOpened,
}: {
  readonly prompt: string;
  readonly wanted: Parameters<typeof loadStart>[1];
  readonly onOpened: (draft: string) => void;
}) {
  const [start, setStart] = useState<Start>();
  const [failed, setFailed] = useState<string>();
  const [attempt, setAttempt] = useState(0);
  const [first] = useState(wanted);
  const isLoaded = start !== undefined;
  useEffect(() => {
    if (isLoaded) return undefined;
    let isWanted = true;
    const me = signedIn.get();
    if (me)
      loadStart(prompt, first, me).then(
        (found) => isWanted && setStart(found),
        (error: unknown) => isWanted && setFailed(error instanceof Refused ? error.message : String(error)),
      );
    const again = () => setAttempt((before) => before + 1);
    const stops = [awaySince.follow((since) => since === undefined && again()), signedIn.follow(again)];
    return () => {
      isWanted = false;
      for (const stop of stops) stop();
    };
  }, [prompt, first, isLoaded, attempt]);
  if (start) return <Editor prompt={prompt} start={start} onOpened={onOpened} />;
  return (
    <>
      <PageHead title={`Edit ${prompt}`} kicker={<PromptLink prompt={prompt} />} />
      {failed === undefined ? (
        <Skeleton lines={12} />
      ) : (
        <div class="failed" role="alert">
          <p>{failed}</p>
          <button type="button" onClick={() => setAttempt(attempt + 1)}>
            Try again
          </button>
        </div>
      )}
    </>
  );
}

import { useEffect, useState } from "preact/hooks";
import type { CheckedDocument } from "../../../domain/shapes/checking.ts";
import { ask } from "../../data/send.ts";
import type { EditedFile } from "../../editing/edited-file.ts";
import { withoutPlace } from "../../editing/without-place.ts";

/** After the last key. */
const CHECK_MS = 800;

/** What the server says of a file, as soon as nothing was typed for a moment; of an earlier text until then. */
export interface Checked {
  readonly found: CheckedDocument | undefined;
  /** Whether it is about the file as it is now. */
  readonly isCurrent: boolean;
}

export function useChecked(prompt: string, file: EditedFile): Checked {
  const [checked, setChecked] = useState<{ file: EditedFile; found: CheckedDocument }>();
  useEffect(() => {
    const abort = new AbortController();
    const timer = setTimeout(() => {
      ask<CheckedDocument>("/v1/check", {
        method: "POST",
        body: { prompt, file, label: "production" },
        signal: abort.signal,
        isQuiet: true,
      }).then(
        (found) => {
          // An answer that was given up halfway is none.
          if (!abort.signal.aborted) setChecked({ file, found: inPlainWords(found) });
        },
        // Who may not ask, or has no connection, sees what the browser finds by itself.
        () => undefined,
      );
    }, CHECK_MS);
    return () => {
      clearTimeout(timer);
      abort.abort();
    };
  }, [prompt, file]);
  return { found: checked?.found, isCurrent: checked?.file === file };
}

/** The browser says these itself, with their place in the text. */
const OF_TEMPLATES = /^(?:messages\.\d+\.content\S*|text), line \d+: /;

function inPlainWords({ problems, ...found }: CheckedDocument): CheckedDocument {
  return {
    ...found,
    problems: problems.map(withoutPlace).filter((problem) => !OF_TEMPLATES.test(problem)),
  };
}

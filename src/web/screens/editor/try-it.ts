import type { DraftStore } from "../../editing/draft-store.ts";
import { openPlayground } from "../playground/kept-values.ts";

/** What is tried is what is written: the draft as it is on the server then, or the version that is looked at. */
export async function tryIt(
  prompt: string,
  store: DraftStore,
  values: Readonly<Record<string, unknown>>,
): Promise<void> {
  await store.saveNow();
  const { base } = store.draft.get();
  const { draftId } = store;
  openPlayground(prompt, draftId ? [{ draft: draftId }] : base === null ? [] : [base], values);
}

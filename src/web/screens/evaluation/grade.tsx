import { Icon } from "../../parts/icon.tsx";
import type { TestedAnswer } from "../../../domain/shapes/playground.ts";

/** What a version made of a case: a sign and words, `2 of 3` where it was asked several times. */
export function Grade({ results }: { readonly results: readonly TestedAnswer[] }) {
  if (results.length === 0) return <span class="note">not asked</span>;
  const passed = results.filter(({ pass }) => pass).length;
  const errors = results.filter(({ error }) => error !== null).length;
  const kind = errors > 0 ? "needs" : passed === results.length ? "good" : "harm";
  const word =
    errors === results.length
      ? "no answer"
      : results.length > 1
        ? `${passed} of ${results.length}`
        : passed === 1
          ? "passed"
          : "failed";
  return (
    <span class={`grade ${kind}`}>
      <Icon name={kind === "needs" ? "needs" : kind === "good" ? "done" : "harm"} />
      {word}
    </span>
  );
}

import { useMemo } from "preact/hooks";
import type { Page } from "../../data/page.ts";
import { type Resource, useResource } from "../../data/resource.ts";
import { evaluationsOf } from "../../data/stream.ts";
import { StateChip } from "../../parts/chip.tsx";
import { Section } from "../../parts/page.tsx";
import { TESTED } from "../../parts/tested.ts";
import { Time } from "../../parts/time.tsx";
import { numberOf } from "../../parts/version-link.tsx";
import { evaluationPath } from "../../route.ts";

interface Listed {
  readonly evaluationId: string;
  readonly candidate: string;
  readonly baseline: string | null;
  readonly state: string;
  readonly verdict: "pass" | "fail" | "insufficient" | null;
  readonly startedAt: string;
}

export function useTestsOf(prompt: string): Resource<Page<Listed>> {
  const changes = useMemo(() => evaluationsOf(prompt), [prompt]);
  return useResource(`/v1/evaluations?prompt=${encodeURIComponent(prompt)}&limit=5`, changes);
}

/** The newest evaluations of a prompt's versions; nothing where none was ever tested. */
export function TestsOfPrompt({ found }: { readonly found: Resource<Page<Listed>> }) {
  const items = found.value?.items ?? [];
  if (items.length === 0) return null;
  return (
    <Section title="Tests">
      <ul class="happened card">
        {items.map(({ evaluationId, candidate, baseline, state, verdict, startedAt }) => (
          <li key={evaluationId}>
            <span class="note">
              <Time at={startedAt} />
            </span>
            <span>
              <a href={evaluationPath(evaluationId)}>
                Tests of {numberOf(candidate)}
                {baseline !== null && ` against ${numberOf(baseline)}`}
              </a>{" "}
              {verdict === null ? (
                <StateChip state={state === "running" ? "evaluating" : "failed"} />
              ) : (
                <StateChip state={TESTED[verdict]} />
              )}
            </span>
          </li>
        ))}
      </ul>
    </Section>
  );
}

import type { Artifact } from "./artifact.ts";

interface Including {
  readonly prompt: string;
  readonly artifact: Pick<Artifact, "includes">;
}

/**
 * Versions in the order in which they can be made anew: each time all those that include nothing which is still to come.
 * `isSettled` is asked anew each time: of such a prompt nothing is waited for, though other versions of it are to come.
 * Of prompts that each other's versions include there is no order, and they are left out; pushing makes none.
 */
export function* includeLevels<Version extends Including>(
  versions: Iterable<Version>,
  isSettled: (prompt: string) => boolean = () => false,
): Generator<readonly Version[], void> {
  const left = new Set(versions);
  while (left.size > 0) {
    const waiting = new Set([...left].map(({ prompt }) => prompt));
    const reached = [...left].filter(({ artifact: { includes = [] } }) =>
      includes.every(({ prompt }) => !waiting.has(prompt) || isSettled(prompt)),
    );
    if (reached.length === 0) return;
    for (const version of reached) left.delete(version);
    yield reached;
  }
}

import type { DeadLetterRow } from "../shapes/dead-letters.ts";

/** What could not be done, what doing it again comes to, and whether that can be done from here. */
export interface SaidLetter {
  readonly undone: string;
  readonly again: string;
  readonly canBeRedriven: boolean;
}

/** Parts of a rollout as a reader knows them, by the phase that broke. */
const PARTS: Readonly<Record<string, string>> = {
  validating: "while its version and rules were checked",
  evaluating: "while its tests ran",
  awaiting_approval: "while it waited for a yes",
  canary: "while some users tried it",
  promoting: "while it was being released",
  watching: "while it was watched after the release",
  rolling_back: "while it was rolled back",
};

export function sayLetter({ operation, prompt }: Pick<DeadLetterRow, "operation" | "prompt">): SaidLetter {
  const what = prompt === null ? "" : ` of ${prompt}`;
  if (operation === "notify")
    return {
      undone: `Tell those who want to know how a rollout${what} ended.`,
      again: "They are told now. Whoever heard it before takes it for the same message.",
      canBeRedriven: true,
    };
  const anew =
    "The rollout is started anew, with the same version and the same rules: what users said in the first one is of then, and does not count.";
  if (operation === "promote")
    return { undone: `Release the new version${what}.`, again: anew, canBeRedriven: true };
  const phase = /^rollout:(\w+)$/.exec(operation)?.[1];
  if (phase !== undefined)
    return {
      undone: `Go on with a rollout${what}: a part stayed broken${PARTS[phase] ? ` ${PARTS[phase]}` : ""}.`,
      again: anew,
      canBeRedriven: true,
    };
  return {
    undone: `${operation.replaceAll(/[_:]/g, " ")}${what}.`,
    again: "Sluice cannot do this by itself: do it by hand, then close the dead letter.",
    canBeRedriven: false,
  };
}

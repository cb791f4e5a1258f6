import type { History } from "./history.ts";
import { foldedOnce, inItsArm, kept } from "./rules/counts.ts";
import { aborted, answeredAlike, foreseen, once, replaced, started } from "./rules/operations.ts";
import { audited, linear, register } from "./rules/pointers.ts";
import { everythingEnds, nothingFails, pausedInTurn, quietAfterEnd } from "./rules/rollouts.ts";
import { asPointed, fresh, leased, neverNothing, oneArm } from "./rules/serving.ts";

export interface Violation {
  readonly rule: Rule;
  readonly what: string;
}

type Check = (history: History) => Iterable<string>;

/** Every rule by name. Each gives one sentence for each thing that must not be. */
export const RULES = {
  "a pointer's revisions rise one by one": linear,
  "each move of a pointer is in the audit log once": audited,
  "a pointer is a compare-and-set register": register,
  "what is acknowledged is done once, what is unknown at most once, what is refused not at all": once,
  "a request asked again is answered as before": answeredAlike,
  "an acknowledged start has a rollout": started,
  "a replacement is not refused for what it replaces": replaced,
  "an acknowledged abort is an abort": aborted,
  "no request ends in an error that nobody has foreseen": foreseen,
  "nothing is paused or resumed after the end": quietAfterEnd,
  "a rollout is paused and resumed in turn": pausedInTurn,
  "nothing fails for what passes": nothingFails,
  "everything ends, and shows nothing after it": everythingEnds,
  "no resolver outlives a lease": leased,
  "what is served is not older than the bound": fresh,
  "what is served is what its pointer shows": asPointed,
  "there is always something to serve": neverNothing,
  "a unit stays in its arm": oneArm,
  "no outcome is counted twice": foldedOnce,
  "a unit is counted in the arm that it was served": inItsArm,
  "an outcome that was taken is kept": kept,
  "the audit chains are whole": (history) => history.brokenChains,
} as const satisfies Record<string, Check>;

export type Rule = keyof typeof RULES;

/** Holds a history against every rule; empty when nothing was violated. */
export function checkHistory(history: History): Violation[] {
  return Object.entries(RULES).flatMap(([rule, check]) =>
    [...(check as Check)(history)].map((what) => ({ rule: rule as Rule, what })),
  );
}

import type { StartAnswer } from "../domain/shapes/rollouts.ts";

export type StartNotes = Pick<StartAnswer, "gate" | "warnings">;

/** What should be known of a rollout that is started, a line each. */
export function startNotes({ gate, warnings }: StartNotes): string[] {
  return [...(gate === null ? [] : [`gate: ${gate}`]), ...warnings.map((warning) => `warning: ${warning}`)];
}

/** What rollouts can be filtered by in Temporal's UI, all of type Keyword. For readers only: no logic depends on them. */
export const SEARCH_ATTRIBUTE = {
  prompt: "SluicePrompt",
  label: "SluiceLabel",
  phase: "SluicePhase",
  outcome: "SluiceOutcome",
} as const;

export const SEARCH_ATTRIBUTES: readonly string[] = Object.values(SEARCH_ATTRIBUTE);

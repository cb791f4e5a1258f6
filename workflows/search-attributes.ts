import { defineSearchAttributeKey } from "@temporalio/common";

/** What rollouts can be filtered by in the Temporal UI. For people only: no logic depends on them. */
export const PROMPT_ATTRIBUTE = defineSearchAttributeKey("SluicePrompt", "KEYWORD");
export const LABEL_ATTRIBUTE = defineSearchAttributeKey("SluiceLabel", "KEYWORD");
export const PHASE_ATTRIBUTE = defineSearchAttributeKey("SluicePhase", "KEYWORD");
export const OUTCOME_ATTRIBUTE = defineSearchAttributeKey("SluiceOutcome", "KEYWORD");

export const SEARCH_ATTRIBUTES = [PROMPT_ATTRIBUTE, LABEL_ATTRIBUTE, PHASE_ATTRIBUTE, OUTCOME_ATTRIBUTE];

import { defineSearchAttributeKey } from "@temporalio/common";
import { SEARCH_ATTRIBUTE } from "../src/protocol/search-attributes.ts";

/** What rollouts can be filtered by in the Temporal UI. For people only: no logic depends on them. */
export const PROMPT_ATTRIBUTE = defineSearchAttributeKey(SEARCH_ATTRIBUTE.prompt, "KEYWORD");
export const LABEL_ATTRIBUTE = defineSearchAttributeKey(SEARCH_ATTRIBUTE.label, "KEYWORD");
export const PHASE_ATTRIBUTE = defineSearchAttributeKey(SEARCH_ATTRIBUTE.phase, "KEYWORD");
export const OUTCOME_ATTRIBUTE = defineSearchAttributeKey(SEARCH_ATTRIBUTE.outcome, "KEYWORD");

export const SEARCH_ATTRIBUTES = [PROMPT_ATTRIBUTE, LABEL_ATTRIBUTE, PHASE_ATTRIBUTE, OUTCOME_ATTRIBUTE];

import { defineSearchAttributeKey } from "@temporalio/common";
import { SEARCH_ATTRIBUTE } from "../src/protocol/search-attributes.ts";

/** What a rollout's workflow changes while it runs; prompt and label are set where it is started. */
export const PHASE_ATTRIBUTE = defineSearchAttributeKey(SEARCH_ATTRIBUTE.phase, "KEYWORD");
export const OUTCOME_ATTRIBUTE = defineSearchAttributeKey(SEARCH_ATTRIBUTE.outcome, "KEYWORD");

/** Langfuse's word for where prompts live: there is one. */
export const PROJECT = "sluice";

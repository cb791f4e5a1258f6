import type { Said } from "../../domain/plain/said.ts";

export type Tone = Said["tone"];

/** What the colour says, for who does not see it. */
export const WORD_OF_TONE: Readonly<Record<Tone, string>> = {
  calm: "Going on",
  good: "Good",
  harm: "Bad",
  wait: "Somebody is needed",
};

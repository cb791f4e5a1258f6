/** What is said of something: a verdict in a word or two, with its full stop, and then the fact. */
export interface Said {
  readonly word: string;
  readonly text: string;
  /** `harm`: it is worse, or stopped; `wait`: a person is needed; `good`: shown; `calm`: neither. */
  readonly tone: Tone;
}
export type Tone = "calm" | "good" | "harm" | "wait";

export function said(tone: Tone, word: string, text = ""): Said {
  return { word, text: text.trim(), tone };
}

/** Both in one line. */
export function inOneLine({ word, text }: Said): string {
  return text === "" ? word : `${word} ${text}`;
}

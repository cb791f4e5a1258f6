/** What a look has found, in a sentence. */
export interface LookLine {
  readonly prompt: string;
  readonly line: string;
  readonly isBad: boolean;
}

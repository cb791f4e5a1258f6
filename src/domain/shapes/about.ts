/** What a server is made of, and how each part does. */
export interface AboutServer {
  /** Of Sluice. */
  readonly version: string;
  /** Versions of the decision rules that it can decide by, the newest last. */
  readonly decisionRules: readonly string[];
  /** `schema`: the number of the newest migration that was applied. */
  readonly postgres: { readonly version: string; readonly schema: number };
  readonly temporal: "reached" | "not reached";
  /** Open canaries, and those of them that no worker has looked at in time. */
  readonly canaries: { readonly open: number; readonly unattended: number };
  /** Services that have reported what they have in memory within half a minute. */
  readonly services: number;
  /** Streams of events that this server has open. */
  readonly streams: number;
  /** What one evaluation that is asked for over HTTP may spend at most, in US dollars. */
  readonly maxEvaluationUsd: number;
  /** What one person may spend a UTC day on trying prompts, in US dollars; 0: nobody tries any here. */
  readonly playgroundUsd: number;
}

/** One measurement, beside what it is compared with. Fields that do not apply are null. */
export interface Row {
  readonly work: string;
  readonly ours: number | null;
  readonly unit: string;
  readonly peer: number | null;
  readonly peerName: string | null;
  /** The best that could be had at all, where that is known. */
  readonly limit: number | null;
  /** ours / peer. */
  readonly ratio: number | null;
  readonly goal: number | null;
  readonly met: boolean | null;
  /** Standard error of ours, where chance is in it. */
  readonly se?: number;
  /** How many runs the number rests on. */
  readonly runs?: number;
  /** Other remarks. */
  readonly note?: string;
}

export interface BenchOptions {
  readonly seed: number;
  /** About how long the bench may take. */
  readonly minutes: number;
  /** How much of it, where a bench can be made larger: `--count`. */
  readonly count?: number | undefined;
  /** Says how far it is; to stderr. */
  readonly progress: (line: string) => void;
}

/** What a bench/NAME.ts exports as `run`. */
export type Bench = (options: BenchOptions) => readonly Row[] | Promise<readonly Row[]>;

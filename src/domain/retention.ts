import { invalidInput } from "./errors.ts";
import { shown } from "./text/visible.ts";

interface Kind {
  /** What it is, for people. */
  readonly is: string;
  /** Kept for so long after its time, in days, unless said otherwise. */
  readonly usual: number;
  /** Plans, gates and repeated batches look back this far, in days. */
  readonly least: number;
}

/** What is removed when its time is over. What is not here is kept for ever: the audit log, decisions, what is served. */
export const RETENTION = {
  outcomes: {
    is: "outcomes, feedback and exposures; of a rollout, after its end",
    usual: 90,
    least: 31,
  },
  assessments: { is: "looks at a rollout that decided nothing, after its end", usual: 365, least: 31 },
  evaluations: {
    is: "answers of evaluated cases; of a gate, after the rollout's end",
    usual: 180,
    least: 31,
  },
  usage: { is: "hourly numbers of each version", usual: 400, least: 31 },
  caller_values: { is: "what services have sent for each prompt, by day", usual: 90, least: 31 },
  operations: { is: "answers for requests that are repeated", usual: 90, least: 31 },
  dead_letters: { is: "dead letters that were dealt with", usual: 365, least: 31 },
} as const satisfies Readonly<Record<string, Kind>>;

export type RetentionKind = keyof typeof RETENTION;
export const RETENTION_KINDS = Object.keys(RETENTION) as readonly RetentionKind[];

/** For how long each kind is kept, in days; null: for ever. */
export type RetentionPeriods = Readonly<Record<RetentionKind, number | null>>;

/** What somebody gets who says nothing. */
export const USUAL_RETENTION = Object.fromEntries(
  RETENTION_KINDS.map((kind) => [kind, RETENTION[kind].usual]),
) as RetentionPeriods;

const FOR_EVER = "forever";
const MOST_DAYS = 36_500;

/** Reads `outcomes=60d, usage=forever`; what is not named has its usual period. `invalid_input` names the variable. */
export function readRetention(text: string, variable: string): RetentionPeriods {
  const periods: Record<RetentionKind, number | null> = { ...USUAL_RETENTION };
  for (const part of text.split(/[\s,]+/).filter((one) => one !== "")) {
    const [, name, days] = /^(\w+)=(\d{1,5}d|forever)$/.exec(part) ?? [];
    const kind = RETENTION_KINDS.find((one) => one === name);
    const refuse = (problem: string) => invalidInput(`${variable}: ${problem}`, { name: variable });
    if (kind === undefined || days === undefined)
      throw refuse(
        `${shown(part)} is no period; write for example outcomes=60d or usage=forever, with spaces between (${RETENTION_KINDS.join(", ")})`,
      );
    const { least } = RETENTION[kind];
    const count = days === FOR_EVER ? null : Number(days.slice(0, -1));
    if (count !== null && (count < least || count > MOST_DAYS))
      throw refuse(`${kind} are kept for at least ${least}d and at most ${MOST_DAYS}d, not ${shown(days)}`);
    periods[kind] = count;
  }
  return periods;
}

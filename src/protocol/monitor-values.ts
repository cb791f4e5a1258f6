/** What the activities of monitors take and give: ids, counts and verdicts. */

/** Which monitor it is that asks again. */
export interface RegateInput {
  readonly monitorId: string;
}

export type BegunRegate =
  | {
      readonly begun: true;
      readonly evaluationId: string;
      /** `support-reply@2`, for readers. */
      readonly version: string;
    }
  | {
      readonly begun: false;
      readonly reason: string;
      /** It will be so the next time, too, unless somebody does something. */
      readonly isProblem: boolean;
    };

export interface RegateFailed extends RegateInput {
  /** Null where it was not begun. */
  readonly evaluationId: string | null;
  readonly reason: string;
}

/** Which alert it is that has the tests asked again. */
export interface TriageInput {
  readonly alertId: string;
}

export type OpenedTriage =
  | {
      readonly opened: true;
      /** Of what is live, then of the version before it, where there is one. */
      readonly evaluationIds: readonly string[];
      /** `support-reply@2`, for readers. */
      readonly version: string;
    }
  | {
      readonly opened: false;
      readonly reason: string;
      /** Nobody has asked anything, and somebody should know why. */
      readonly isProblem: boolean;
    };

export interface TriageFailed extends TriageInput {
  readonly reason: string;
}

export interface ConcludedTriage {
  /** `none`: too little was answered. */
  readonly verdict: "model" | "version" | "traffic" | "unknown" | "none";
  readonly reason: string;
}

export interface ConcludedRegate {
  /** `reference`: kept, nothing to compare with yet. `none`: too little was answered. */
  readonly verdict: "reference" | "unchanged" | "worse" | "none";
  readonly cases: number;
  readonly reason: string;
}

/** One resolver that has a pointer in memory. */
export interface FleetInstance {
  readonly id: string;
  readonly host: string;
  readonly pid: number;
  readonly sdkVersion: string;
  /** The newest revision that it has taken over; 0: it cannot serve what the pointer names. */
  readonly revision: number;
  readonly startedAt: string;
  /** How long ago it was last heard of, in ms, by the database's clock. */
  readonly seenMsAgo: number;
  /** For how long there has been a revision that it has not taken over, in ms; null when it is up to date. */
  readonly behindMs: number | null;
}

/** Who serves what of a scope's own pointer. */
export interface FleetReport {
  readonly label: string;
  readonly prompt: string;
  readonly model: string | null;
  readonly tenant: string | null;
  /** `support-reply@2`; null: what a more general scope serves. */
  readonly serves: string | null;
  readonly revision: number;
  readonly confirmed: number;
  readonly live: number;
  /** A live resolver serves something old for longer than a notification takes. */
  readonly drift: boolean;
  readonly instances: readonly FleetInstance[];
}

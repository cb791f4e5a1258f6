import type { MonitorSpec } from "../monitors/monitor.ts";
import type { Rights } from "./rights.ts";

/** Where a monitor watches, and by which name. */
export interface MonitorPlace {
  readonly prompt: string;
  readonly label: string;
  readonly model: string | null;
  readonly tenant: string | null;
}

/**
 * `learning`: its reference is too young; `watching`; `alert`: one is open; `muted`; `rollout`: the canary looks there, so
 * it does not; `blind`: what it counts is usual already, so a rise cannot be seen; `stopped`:
 * its budget of the day is spent, and calls are refused or go to a cheaper fallback; `paused`: its last run by the clock
 * failed, and none is begun until it is set again; `idle`: nothing is live there; `off`.
 */
export type MonitorState =
  | "learning"
  | "watching"
  | "alert"
  | "muted"
  | "rollout"
  | "blind"
  | "stopped"
  | "paused"
  | "idle"
  | "off";

/** After how long a change would be found, by the traffic that the reference had. */
export interface Finds {
  /** So many times the reference's rate. */
  readonly factor: number;
  /** At the median; null: not within 90 days. */
  readonly hours: number | null;
}

/** As `sluice monitors list --json`. */
export interface ListedMonitor extends MonitorPlace {
  readonly id: string;
  readonly name: string;
  /** Whether somebody has set it, or it is the usual one. */
  readonly set: boolean;
  /** It is as the policy says under which the version was promoted. */
  readonly byPolicy: boolean;
  readonly spec: MonitorSpec | null;
  readonly state: MonitorState;
  /** What is live there, as `support-reply@7`. */
  readonly version: string | null;
  readonly mutedUntil: string | null;
  /** The open alert. */
  readonly alertId: string | null;
  /** What the version did before; null while it is learnt, and of what has none. */
  readonly reference: {
    readonly from: string;
    readonly until: string;
    readonly calls: number;
    /** Share of the calls that count, 0 to 1. */
    readonly rate: number;
    readonly perHour: number;
  } | null;
  /** The rate that is accepted, 0 to 1. */
  readonly accepted: number | null;
  /** Evidence of a rise, as a part of what it rings at; on a logarithmic scale from 0 to 1. */
  readonly evidence: number;
  readonly finds: readonly Finds[];
  /** Of one that asks a golden set again; null of all others. */
  readonly regate: ListedRegate | null;
  /** Of a budget of the day; null of all others. */
  readonly cost: ListedCost | null;
}

/** How far a budget of the day is spent. Amounts in US dollars. */
export interface ListedCost {
  /** Since 00:00 UTC. */
  readonly spentUsd: number;
  /** When the next day begins. */
  readonly resetsAt: string;
  /** What calls that begin before every process has heard may cost beyond it: at the rate of the dearest hour of the last day; null where there was none, or nothing is stopped. */
  readonly overshootUsd: number | null;
  /** Calls of the last day that were answered, and have recorded no cost: they count nothing. */
  readonly uncountedCalls: number;
  /** Models of the live version that no list here has a price of: their calls count nothing, unless a service has a price of its own. */
  readonly unpricedModels: readonly string[];
}

/** How far asking a golden set again has come with the version that is live. */
export interface ListedRegate {
  /** When its reference was taken; null: not yet. */
  readonly referredAt: string | null;
  /** The last time that it was compared. */
  readonly comparedAt: string | null;
  /** Cases that both have a result of; 0 before the first time. */
  readonly cases: number;
  /** 0 to 1; null before the first time. */
  readonly passRate: number | null;
  readonly referencePassRate: number | null;
  /** Why the last run found nothing. */
  readonly problem: string | null;
  /** What the vendor calls the model that answers most calls; null: no service says. */
  readonly answeredBy: string | null;
}

/** As `sluice monitors list --json`. */
export interface Monitors {
  readonly lookedAt: string | null;
  /** So many of them share one false alarm in 90 days. */
  readonly sharing: number;
  readonly monitors: readonly ListedMonitor[];
}

/** The monitor of an alert, as the store has it. */
export interface AlertSubject {
  readonly id: string;
  readonly name: string;
  readonly prompt: string;
  readonly label: string;
  readonly model: string;
  readonly tenant: string;
}

export type AlertKind = "rate" | "cost" | "drift" | "silent";

/** What was seen; which of it there is depends on the kind. */
export interface AlertEvidence {
  readonly metric?: string;
  /** x of n calls count. */
  readonly x?: number;
  readonly n?: number;
  /** What the reference had, and what is accepted, 0 to 1. */
  readonly usual?: number | null;
  readonly accepted?: number;
  /** Of a budget: the UTC day, what it has cost so far, what it may cost, and the part of it that was passed last. */
  readonly day?: string;
  readonly spentUsd?: number;
  readonly budgetUsd?: number;
  readonly step?: number;
  /** Once it is spent, calls are refused. */
  readonly stop?: boolean;
  /** Of a scope that has fallen silent: its calls in so many hours, and the fewest of so many comparable days. */
  readonly calls?: number;
  readonly hours?: number;
  readonly fewest?: number;
  readonly days?: number;
  /** Of a golden set that was asked again: the evaluation, its cases, and how many passed then and now, 0 to 1. */
  readonly evaluationId?: string;
  readonly cases?: number;
  readonly passRate?: number;
  readonly referencePassRate?: number;
  /** So much lower at least, but for a chance of `alpha`. */
  readonly lower?: number;
  readonly alpha?: number;
}

/**
 * Whose doing it is likely to be. `model`: the vendor's model has changed; rolling back would not help. `version`: the live
 * version alone is worse. `traffic`: what callers send has changed. `unknown`: there is too little to tell by.
 */
export type TriageCause = "model" | "version" | "traffic" | "unknown";

export interface Triage {
  readonly cause: TriageCause;
  /** What it is concluded from, a sentence each. */
  readonly says: readonly string[];
  /** The tests, asked again because of the alert; absent where nobody has set that they are. */
  readonly tests?: TriageTests;
}

export interface TriageTests {
  /** `asking`: they are being asked; `told`: the cause is concluded from them; `failed`: they say nothing. */
  readonly state: "asking" | "told" | "failed";
  /** Null until they are asked. */
  readonly live: TestedVersion | null;
  /** The version that a rollback would bring back; null where there is none. */
  readonly previous: TestedVersion | null;
  /** Why they say nothing. */
  readonly problem: string | null;
  /** What was done by itself; null: nobody has set that anything is, or there was no reason to. */
  readonly rollback: TriageRollback | null;
}

export interface TestedVersion {
  /** As `support-reply@7`. */
  readonly version: string;
  readonly evaluationId: string;
  /** Cases that have a result, and the share of them that passes, 0 to 1; null until all is answered. */
  readonly cases: number | null;
  readonly passRate: number | null;
  /** What it was when the version went live; null where nobody has asked it. */
  readonly referencePassRate: number | null;
}

export interface TriageRollback {
  readonly done: boolean;
  /** As `support-reply@6`. */
  readonly to: string;
  /** Why it was not done. */
  readonly refusal: string | null;
}

/** As `sluice alerts --json`. */
export interface ListedAlert extends MonitorPlace {
  readonly id: string;
  readonly kind: AlertKind;
  readonly monitor: string;
  readonly monitorId: string;
  readonly version: string;
  readonly openedAt: string;
  readonly since: string;
  readonly evidence: AlertEvidence;
  readonly triage: Triage | null;
  /** In one sentence. */
  readonly message: string;
  readonly acknowledgedBy: string | null;
  /** Until when its monitor raises no other; null: it does. */
  readonly mutedUntil: string | null;
  readonly resolvedAt: string | null;
  readonly resolution: string | null;
}

/** What somebody can want of an alert. */
export const ALERT_ACTS = ["acknowledge", "mute"] as const;
export type AlertAct = (typeof ALERT_ACTS)[number];

/** An alert, with what whoever asks may do about it. */
export interface ShownAlert extends ListedAlert {
  readonly can: Rights<AlertAct>;
}

/** As `sluice monitors test --json`. */
export interface ReplayedMonitor {
  readonly monitor: string;
  readonly prompt: string;
  readonly label: string;
  readonly version: string;
  readonly from: string;
  readonly until: string;
  /** Hours that had a call. */
  readonly hours: number;
  /** What would have rung. `over`: until when; null: it goes on. */
  readonly rang: readonly {
    readonly at: string;
    readonly over: string | null;
    readonly since: string;
    readonly x: number;
    readonly n: number;
    readonly accepted: number;
  }[];
  /** After how many hours a change of this size would have been found; null: not within a week. Null: there is too little to plant it in. */
  readonly planted: { readonly factor: number; readonly foundAfterHours: number | null } | null;
}

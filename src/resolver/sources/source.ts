import type { CircuitAnswer, CircuitExchange } from "../../domain/models/circuits.ts";
import type { SpentBudget } from "../../domain/monitors/spent-budget.ts";
import type { Artifact } from "../../domain/prompt/artifact.ts";
import type { EnrolledArm } from "../../domain/rollout/assignment.ts";
import type { ScopeColumns } from "../../domain/scope.ts";

/**
 * Where a resolver reads pointers and versions, and writes what services report. Every call settles in
 * bounded time, or rejects; the resolver copes with a source that does not.
 */
export interface Source {
  /** Where that is, without secrets: it stands in messages. */
  readonly name: string;
  /**
   * One consistent read: the pointer of each scope that has one, and the versions they name, without
   * those in `have`.
   */
  read(query: SourceQuery): Promise<SourceAnswer>;
  /** One version by prompt and number or by id, or undefined when there is none. */
  readVersion(which: VersionQuery): Promise<SourceVersion | undefined>;
  /** Starts telling what happens, until `close`. Hints may be lost: the resolver polls as well. */
  watch(listener: SourceListener): void;
  /**
   * Stores a batch, the JSON text of a {@link RecordBatch}, once however often it is sent. Rejects with
   * {@link BatchRefused} when sending it again cannot help, with any other error when it may.
   */
  record(batch: string): Promise<RecordReceipt>;
  /**
   * Says what this resolver serves: the JSON text of a `ServingReport`. False: the store does not know it (any
   * more), and all has to be said. Rejects with `ReportRefused` when trying again soon cannot help.
   * A source without this keeps its resolvers out of `sluice fleet`.
   */
  reportServing?(report: string): Promise<boolean>;
  /**
   * Tells others which endpoints fail, and hears what they have found; undefined: the store has no place for it. A
   * source without this leaves every process to find out by itself.
   */
  exchangeCircuits?(exchange: CircuitExchange): Promise<CircuitAnswer | undefined>;
  /**
   * The budgets of today that stop calls and are spent; undefined: the store knows of none such. A source without this
   * stops no calls.
   */
  readSpentBudgets?(): Promise<readonly SpentBudget[] | undefined>;
  /**
   * Says what callers send, the JSON text of a `CallerReport`. False: the store is busy with others of the same service,
   * and it is to be said again soon; undefined: it has no place for it. A source without this says nothing of callers.
   */
  reportCallers?(report: string): Promise<boolean | undefined>;
  close(): Promise<void>;
}

export interface SourceQuery {
  readonly scopes: readonly ScopeColumns[];
  /** Ids of versions that need not be sent again. */
  readonly have: readonly string[];
}

export interface SourceAnswer {
  readonly pointers: readonly SourcePointer[];
  readonly versions: readonly SourceVersion[];
  /** For how long the store could not be asked, where this is what it said then, in ms. Absent: it has just been asked. */
  readonly ageMs?: number;
}

export type VersionQuery = { readonly prompt: string; readonly number: number } | { readonly id: string };

/** A pointer's row as a resolver needs it. */
export interface SourcePointer extends ScopeColumns {
  /** Null: the scope inherits what the next more general one serves. */
  readonly activeVersion: string | null;
  readonly previousVersion: string | null;
  readonly candidateVersion: string | null;
  readonly mode: "canary" | "holdback" | null;
  /** Buckets of 10,000 that the candidate has; its control has as many. */
  readonly share: number;
  readonly salt: string;
  readonly epoch: number;
  readonly rolloutId: string | null;
  /** What is left of the lease, in ms, by the store's own clock when it answered. 0: it has run out. */
  readonly leaseMs: number;
  readonly revision: number;
}

/** Of a pointer, what it is where no rollout is known of. */
export const NO_CANARY = {
  previousVersion: null,
  candidateVersion: null,
  mode: null,
  share: 0,
  salt: "",
  epoch: 0,
  rolloutId: null,
  leaseMs: 0,
} as const satisfies Partial<SourcePointer>;

export interface SourceVersion {
  readonly id: string;
  readonly prompt: string;
  readonly number: number;
  readonly sha256: string;
  readonly artifact: Artifact;
}

export interface SourceListener {
  /** A pointer has moved (or may have); without a scope, any may have. */
  moved(scope?: ScopeColumns): void;
  /** Notifications flow (again): whatever happened before may have been missed. */
  connected(): void;
  /** The source cannot be reached; it keeps trying by itself. */
  disconnected(error: unknown): void;
}

/** The argument of `sluice.record_batch`. */
export interface RecordBatch {
  readonly exposures: readonly ExposureRecord[];
  readonly outcomes: readonly OutcomeRecord[];
}

export interface ExposureRecord {
  readonly rollout: string;
  /** SHA-256 of tenant and unit, in hex. */
  readonly unit: string;
  readonly arm: EnrolledArm;
  readonly epoch: number;
  /** Tenant, model and attributes, for the segments that the rollout's policy names. */
  readonly segments?: Readonly<Record<string, string>>;
}

export interface OutcomeRecord {
  readonly id: string;
  readonly version: string;
  readonly rollout: string | null;
  readonly unit: string | null;
  readonly label: string;
  readonly model: string;
  readonly tenant: string;
  readonly metrics: Readonly<Record<string, number | boolean>>;
  readonly feedback?: string;
  readonly sample?: unknown;
  /** What the vendor calls the model that answered. */
  readonly answered?: string;
  /** No outcome, but how many of this version in this rollout the sender had no room for. */
  readonly dropped?: number;
}

/** What became of a batch, as far as the store says. */
export interface RecordReceipt {
  readonly exposures: number;
  /** Exposures of rollouts that have ended, or of epochs that never were. */
  readonly refusedExposures: number;
  readonly outcomes: number;
  readonly joined: number;
  readonly late: number;
  readonly refusedValues: number;
  /** What this login or key may not record: another tenant's, or of a prompt that it was not granted. */
  readonly forbidden?: number;
}

/** Marks a failure of `record` that sending the same batch again cannot mend. */
export class BatchRefused extends Error {
  override readonly name = "BatchRefused";
}

/** Marks a failure of `record` after which the store asks to be left alone for so long. */
export class RetryLater extends Error {
  override readonly name = "RetryLater";
  readonly afterMs: number;

  constructor(message: string, afterMs: number) {
    super(message);
    this.afterMs = afterMs;
  }
}

import { invalidInput } from "../domain/errors.ts";
import type { Role } from "../domain/access/roles.ts";
import type { Grants } from "../domain/shapes/keys.ts";
import type { DirectMoves } from "../domain/shapes/labels.ts";
import type { PromptFilter } from "../domain/shapes/prompts.ts";

/** What narrows a scope down, beside its prompt. */
export interface ScopeOptions {
  /** `production` when absent. */
  readonly label?: string | undefined;
  /** Only for this model; every model when absent. */
  readonly model?: string | undefined;
  /** Only for this tenant; every tenant when absent. */
  readonly tenant?: string | undefined;
}

/** A scope: a prompt's name under a label. */
export interface ScopeRequest extends ScopeOptions {
  readonly prompt: string;
}

/**
 * A rollout: by its id, or the newest one of a scope. Where the prompt is written with a version
 * (`support-reply@7`), it has to be that version's (`conflict` otherwise).
 */
export type RolloutOf = { readonly rolloutId: string } | ScopeRequest;

/** Each is optional; together they all must hold. Archived prompts are left out unless they are asked for. */
export type ListRequest = Partial<PromptFilter>;

/** What is given where no number is asked for. */
export const USUAL_VERSIONS = 100;
/** As a limit: more versions than a prompt has. */
export const EVERY_VERSION = 1_000_000;
export const USUAL_ROLLOUTS = 50;
export const USUAL_ENTRIES = 100;
export const USUAL_FEEDBACK = 50;

export interface VersionsRequest {
  /** How many, the newest first counted. Default 100. */
  readonly limit?: number | undefined;
  /** 1 is the page of the newest. Default 1. */
  readonly page?: number | undefined;
}

export interface RolloutsRequest {
  readonly prompt?: string | undefined;
  /** Only those that have not ended. */
  readonly running?: boolean | undefined;
  /** The newest so many. Default 50. */
  readonly limit?: number | undefined;
}

export interface AuditRequest {
  readonly prompt?: string | undefined;
  readonly rolloutId?: string | undefined;
  /** The newest so many. Default 100. */
  readonly limit?: number | undefined;
}

export interface UsageRequest extends ScopeRequest {
  /** Whole hours that begin then or later. The last 7 days when absent. */
  readonly since?: Date | undefined;
  /** Only these versions, in this order: `support-reply@7`. All that were recorded, the newest first, when absent. */
  readonly versions?: readonly string[] | undefined;
}

export interface FeedbackRequest {
  /** `support-reply`, or `support-reply@7` for what was said of one version. */
  readonly prompt: string;
  /** Only outcomes with feedback, or only those with a sample; either when absent. */
  readonly only?: "feedback" | "sample" | undefined;
  /** The last 7 days when absent. */
  readonly since?: Date | undefined;
  /** The newest so many. Default 50. */
  readonly limit?: number | undefined;
}

const USUAL_SPAN_MS = 7 * 86_400_000;

/** From when on something is told. */
export function sinceOf({ since }: { readonly since?: Date | undefined }): Date {
  return since === undefined ? new Date(Date.now() - USUAL_SPAN_MS) : assertMoment("since", since);
}

/** Programs without types may give a text, which means something else at each door. */
export function assertMoment(name: string, given: Date): Date {
  if (given instanceof Date && !Number.isNaN(given.getTime())) return given;
  throw invalidInput(`${name} must be a Date, as in new Date("2026-01-31T18:00:00Z")`, { name });
}

export interface CurveOptions {
  /** Looks at most, of those spread evenly: 1 to 1,000. Default 300. */
  readonly points?: number | undefined;
  /** Only looks after the one of this number. */
  readonly after?: number | undefined;
}

export interface FollowOptions {
  /** Ends the following: the iterator is done, and nothing is thrown. */
  readonly signal?: AbortSignal | undefined;
  /** Told once when the database or the server cannot be reached, and once when it is back. Following goes on. */
  readonly onUnreachable?: ((unreachable: boolean) => void) | undefined;
}

/** Why somebody does something; kept in the audit log. */
export interface Reason {
  readonly reason?: string | undefined;
}

export interface ArchiveRequest {
  /** Why; it is kept. */
  readonly reason: string;
  /** Also where it is served: services go on getting what they get. Refused without. */
  readonly stillServed?: boolean | undefined;
}

/** What somebody says with their decision; kept with it. */
export interface Comment {
  readonly comment?: string | undefined;
}

/** A policy in place of the one that was pushed with the prompt. */
export interface GivenPolicy {
  /** Path of a policy, read where the program runs, with the test cases that it names. */
  readonly policyFile?: string | undefined;
  /** The policy itself. The one that was pushed with the prompt when neither is given. */
  readonly policy?: unknown;
  /** The test cases of that policy's gate. */
  readonly dataset?: unknown;
}

export interface PlanRequest extends ScopeOptions, GivenPolicy {
  /** `support-reply@7`. */
  readonly version: string;
  /** New units to expect; what was recorded in the last 7 days when absent. */
  readonly unitsPerDay?: number | undefined;
}

export const USUAL_RUNS = 1_000;
export const USUAL_SEED = 1;

export interface SimulateRequest extends ScopeOptions, Omit<GivenPolicy, "dataset"> {
  /** Whose policy, baseline and traffic are taken where they are not given; nobody's when absent. */
  readonly prompt?: string | undefined;
  /** `rating=-0.2`: what the candidate changes. */
  readonly effect?: readonly string[] | undefined;
  /** `rating=4:1` (mean and standard deviation), `error=0.01` (a rate): what the baseline is like. */
  readonly baseline?: readonly string[] | undefined;
  /** `language=de:2%:success=-0.8`: users of one value of a segment. */
  readonly segment?: readonly string[] | undefined;
  readonly unitsPerDay?: number | undefined;
  /** Rollouts to imagine. Default 1,000. */
  readonly runs?: number | undefined;
  /** All chance is drawn from it. Default 1. */
  readonly seed?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Told every 2 s how many were imagined, where they are computed here. */
  readonly onProgress?: ((runs: number) => void) | undefined;
}

export interface EvaluateRequest extends ScopeOptions, GivenPolicy {
  /** `support-reply@7`. */
  readonly version: string;
  /** Of the same prompt: `support-reply@6`. What the scope serves when absent, nothing when null. */
  readonly baseline?: string | null | undefined;
  /** Path of test cases, read where the program runs, in place of the policy's. */
  readonly datasetFile?: string | undefined;
  /** These take the place of what the gate says: how often each case is asked, and the fractions that pass. */
  readonly repeats?: number | undefined;
  readonly minPassRate?: number | undefined;
  readonly maxRegression?: number | undefined;
  /** Least pass rate where no gate says one. Default 1. */
  readonly passRateThreshold?: number | undefined;
  /** What it may spend at most, in US dollars. */
  readonly maxCostUsd: number;
}

export interface EvaluationsRequest {
  readonly prompt?: string | undefined;
  /** The newest so many. Default 50. */
  readonly limit?: number | undefined;
}

export const USUAL_EVALUATIONS = 50;

export interface BundleRequest {
  /** `production` when absent. */
  readonly label?: string | undefined;
  /** How the prompts' names begin. */
  readonly prefix?: string | undefined;
}

export interface StartRequest extends ScopeOptions, GivenPolicy {
  /** `support-reply@7`. */
  readonly version: string;
  /** The same start asked again under the same id is one rollout. */
  readonly requestId?: string | undefined;
  /** Also where the same content has failed there within 30 days. */
  readonly again?: boolean | undefined;
  /** Also where live callers would fail; what they would fail with is in the audit log. */
  readonly force?: boolean | undefined;
  /** Ends the rollout that is running there first. */
  readonly replace?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Told what should be known of the policy before it is started. */
  readonly onNote?: ((line: string) => void) | undefined;
}

/** For one prompt, or with `anyPrompt` for every prompt of the model. */
export interface AnyPrompt {
  readonly anyPrompt?: boolean | undefined;
}

export interface SetPointerRequest extends ScopeOptions, AnyPrompt {
  /** What it is to serve: `support-reply@7`. */
  readonly version: string;
  /** The one that was read; 0 where there is none yet. `conflict` where it has moved. */
  readonly expectedRevision: number;
  readonly reason: string;
  /** Without a passed evaluation against what is served. */
  readonly force?: boolean | undefined;
  /** Also where its environment or the prompt's owner stands in the way; the audit log says so, with the reason. */
  readonly emergency?: boolean | undefined;
}

export interface AnchorRequest extends ScopeOptions {
  /** What the scope serves: `support-reply@7`. */
  readonly version: string;
  readonly reason: string;
}

export interface RulesRequest {
  /** One rollout; every running one of the version `from` when absent. */
  readonly rollout?: RolloutOf | undefined;
  readonly from?: string | undefined;
  readonly to: string;
  readonly reason: string;
}

export interface MoveLabelRequest extends ScopeOptions {
  /** What the label is to serve: `support-reply@7`. With `dryRun` the prompt alone: a version that is yet to be made. */
  readonly version: string;
  /** Only says what it would come to. */
  readonly dryRun?: boolean | undefined;
}

export interface RollBackRequest extends ScopeOptions, AnyPrompt {
  readonly prompt?: string | undefined;
  readonly reason: string;
  /** A version, further back than what was live before, or `inherited`: what a more general scope serves. */
  readonly to?: string | undefined;
  /** Ends the connections that hold what is waited for. A server does not. */
  readonly endBlockers?: boolean | undefined;
  /** Told once there is a connection to what is asked. */
  readonly onConnected?: (() => void) | undefined;
  /** Told what keeps it waiting. */
  readonly onNote?: ((line: string) => void) | undefined;
}

export interface AwaitFleetRequest extends ScopeOptions, AnyPrompt {
  readonly prompt?: string | undefined;
  /** What a live resolver has to serve at least. */
  readonly revision: number;
  /** How long to wait, in ms; 0 looks once. */
  readonly withinMs: number;
  /** When the move began, by `performance.now()`; now when absent. */
  readonly since?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** What is said of a label; what is left out stays as it is. */
export interface LabelRequest {
  /** Only a releaser's key may move it. */
  readonly protected?: boolean | undefined;
  /** What a Langfuse client's move without evidence comes to, where it is protected. */
  readonly onDirectMove?: DirectMoves | undefined;
  /** At which label a version has to be live first; null: from anywhere. */
  readonly from?: string | null | undefined;
  /** How long it has to be live there, in ms. */
  readonly liveForMs?: number | undefined;
  readonly reason: string;
}

export interface CreateKeyRequest {
  /** Who or what uses it, for the list. */
  readonly name: string;
  /** What it may do at all. */
  readonly role: Role;
  /** Where; everywhere when absent, which over a server is no more than the key that makes it may. */
  readonly grants?: Grants | undefined;
  /** Whose word its use is, in the audit log; whoever makes it when absent. */
  readonly owner?: string | undefined;
  /** For how long it is good, in ms; null: for ever. 90 days when absent, and for ever for a resolver's. */
  readonly expiresInMs?: number | null | undefined;
}

export type { PushFilesRequest, PushRequest } from "./push-requests.ts";
export type { CallersRequest, ImpactRequest } from "./caller-requests.ts";
export type { PropagateRequest } from "./propagation-requests.ts";

import type { FleetConfirmation } from "../domain/fleet.ts";
import type { RolloutStatus } from "../domain/rollout/rollout.ts";
import type { AuditLine, HashedAuditLine } from "../domain/shapes/audit.ts";
import type { AuditCheckpoint, CheckpointVerification } from "../domain/shapes/audit-checkpoint.ts";
import type { RolloutCurve } from "../domain/shapes/curve.ts";
import type { MovedRules, NamedAnchor } from "../domain/shapes/deciding.ts";
import type { Callers, Impact } from "../domain/shapes/callers.ts";
import type { HeldBack } from "../domain/models/circuits.ts";
import type { Propagation } from "../domain/shapes/propagating.ts";
import type { DeadLetterRow, Redriven } from "../domain/shapes/dead-letters.ts";
import type { ListedFeedback } from "../domain/shapes/feedback.ts";
import type { ExportedVersion, Imported } from "../domain/shapes/importing.ts";
import type { FleetReport } from "../domain/shapes/fleet.ts";
import type { CreatedKey, KeyIntake, ListedKey, RevokedKey } from "../domain/shapes/keys.ts";
import type { EndedSession, ListedSession, SessionsOf } from "../domain/shapes/sessions.ts";
import type { ListedTrustRule, TrustRule, TrustRuleRequest } from "../domain/shapes/trust-rules.ts";
import type {
  ListedDelivery,
  ForgottenManifest,
  Publication,
  PublishedManifest,
  StartedDelivery,
} from "../domain/shapes/delivering.ts";
import type { ChangedLabel, ListedLabel, MovedLabel } from "../domain/shapes/labels.ts";
import type { ListedAlert, ListedMonitor, Monitors, ReplayedMonitor } from "../domain/shapes/monitors.ts";
import type { RolloutPlan, SimulatedPolicy } from "../domain/shapes/planning.ts";
import type { ListedPointer, PastPointer, RolledBack, SetPointer } from "../domain/shapes/pointers.ts";
import type { ArchivedPrompt, FoundPrompts, ListedPrompt } from "../domain/shapes/prompts.ts";
import type { RolloutHistory } from "../domain/shapes/rollout-record.ts";
import type { AbortAnswer, Decided, ListedRollout, StartAnswer } from "../domain/shapes/rollouts.ts";
import type { SeenDrifts } from "../domain/shapes/syncing.ts";
import type { Usage } from "../domain/shapes/usage.ts";
import type { AuditVerification, Recomputed } from "../domain/shapes/verification.ts";
import type {
  FoundVersions,
  ListedVersion,
  PushedFiles,
  PushedVersion,
  ShownVersion,
  Use,
  VersionDiff,
} from "../domain/shapes/versions.ts";
import type { CaseResult } from "../evaluation/grading/case-result.ts";
import type {
  ListedEvaluation,
  RequestedEvaluation,
  ShownEvaluation,
  StoppedEvaluation,
} from "../evaluation/verdict/kept-evaluation.ts";
import type { PromotionAnswer, RolloutProgress } from "../protocol/rollout-messages.ts";
import type {
  DeliveriesRequest,
  DeliverRequest,
  ForgetRequest,
  PublishRequest,
} from "./delivery-requests.ts";
import type { ExportRequest, ImportRequest } from "./exchange-requests.ts";
import type { AlertsRequest, MonitorsRequest, SetMonitorsRequest } from "./monitor-requests.ts";
import type {
  AnchorRequest,
  ArchiveRequest,
  AuditRequest,
  AwaitFleetRequest,
  BundleRequest,
  CallersRequest,
  Comment,
  CreateKeyRequest,
  CurveOptions,
  EvaluateRequest,
  EvaluationsRequest,
  FeedbackRequest,
  FollowOptions,
  ImpactRequest,
  PropagateRequest,
  LabelRequest,
  ListRequest,
  MoveLabelRequest,
  PlanRequest,
  PushFilesRequest,
  PushRequest,
  Reason,
  RollBackRequest,
  RolloutOf,
  RolloutsRequest,
  RulesRequest,
  ScopeRequest,
  SetPointerRequest,
  SimulateRequest,
  StartRequest,
  UsageRequest,
  VersionsRequest,
} from "./requests.ts";

/** What can be looked at. Each answers with what the command of its name prints with `--json`. */
export interface SluiceReading {
  /** Prompts by name, with their newest version and what is live. */
  list(request?: ListRequest): Promise<readonly ListedPrompt[]>;
  /** The same, with what a filter leaves out, and what it asks for that is not there. */
  findPrompts(request?: ListRequest): Promise<FoundPrompts>;
  /** A prompt's newest versions, the oldest of them first. `not_found` where there is no such prompt. */
  versions(prompt: string, request?: VersionsRequest): Promise<readonly ListedVersion[]>;
  /** The same, with how many versions the prompt has in all. */
  findVersions(prompt: string, request?: VersionsRequest): Promise<FoundVersions>;
  /** One version whole: `support-reply@7`, `support-reply@1.4.0`, or the newest one of `support-reply`. */
  show(version: string): Promise<ShownVersion>;
  /** What differs between two versions, `support-reply@1` and `support-reply@2`, of one prompt or of two. */
  diff(from: string, to: string): Promise<VersionDiff>;
  /** What a label serves, as the text of a file that the resolver library reads as `snapshotFile`. */
  bundle(request?: BundleRequest): Promise<string>;
  /** Versions as prompt files, in the order in which they were made: `importPrompts` reads them. */
  exportPrompts(request?: ExportRequest): Promise<readonly ExportedVersion[]>;
  /** Before a rollout: how many units it needs, how long it takes, what it can find. */
  plan(request: PlanRequest): Promise<RolloutPlan>;
  /** How often a policy would promote or roll back, in an imagined scenario. */
  simulate(request: SimulateRequest): Promise<SimulatedPolicy>;
  /** Evaluations that are kept, of gates, of requests and by hand, the newest first. */
  evaluations(request?: EvaluationsRequest): Promise<readonly ListedEvaluation[]>;
  /** How far an evaluation is, and what it has found. */
  evaluation(id: string): Promise<ShownEvaluation>;
  /** The same now, and whenever it has changed, until it has ended. Survives a store that is unreachable. */
  followEvaluation(id: string, options?: FollowOptions): AsyncIterable<ShownEvaluation>;
  /** Each answer, by case, repeat and version. */
  evaluationResults(id: string): Promise<readonly CaseResult[]>;
  /** What it has found, as JUnit XML; `conflict` while it has no verdict. */
  evaluationReport(id: string): Promise<string>;
  /** What each scope serves; with a prompt all that its requests can meet, defaults among them. */
  pointers(prompt?: string): Promise<readonly ListedPointer[]>;
  /** Rollouts, the newest first. */
  rollouts(request?: RolloutsRequest): Promise<readonly ListedRollout[]>;
  /** Where a rollout is, and what it has seen. */
  status(rollout: RolloutOf): Promise<RolloutStatus>;
  /** A rollout's state now, and whenever it has changed, until it has ended. Survives a store that is unreachable. */
  follow(rollout: RolloutOf, options?: FollowOptions): AsyncIterable<RolloutStatus>;
  /** What a rollout has seen over time, for a picture that crosses a line at the look that decides by it. */
  curve(rollout: RolloutOf, options?: CurveOptions): Promise<RolloutCurve>;
  /** Who changed what, when and why, the oldest first. */
  audit(request?: AuditRequest): Promise<readonly AuditLine[]>;
  /** What versions did in the open. */
  usage(request: UsageRequest): Promise<Usage>;
  /** Which services serve what of a scope's own pointer. */
  fleet(scope: ScopeRequest): Promise<FleetReport>;
  /** Which services have rendered a prompt lately, and what they send: names, types and lengths. */
  callers(request: CallersRequest): Promise<Callers>;
  /** Who would notice a version: its prompt's callers, what includes it, and the callers of that. */
  impact(request: ImpactRequest): Promise<Impact>;
  /** Endpoints and models from which processes hold calls back, as they have told each other. */
  breakers(): Promise<readonly HeldBack[]>;
  /** What has become of the prompts that a version is taken to. */
  propagation(id: string): Promise<Propagation>;
  /** What could not be done, the oldest first; the open ones unless all are asked for. */
  deadLetters(request?: { readonly all?: boolean | undefined }): Promise<readonly DeadLetterRow[]>;
  /** One of them, by its id or the beginning of it. */
  deadLetter(id: string): Promise<DeadLetterRow>;
  /** What users said and what services sampled, the newest first. */
  feedback(request: FeedbackRequest): Promise<readonly ListedFeedback[]>;
  /** All that is kept of a rollout, running or over: its gate, approvals, verdicts, and what was done. */
  rolloutRecord(rollout: RolloutOf): Promise<RolloutHistory>;
  /** Decides every look of a rollout again, from what was stored with it. */
  recompute(rollout: RolloutOf): Promise<Recomputed>;
  /** Computes the audit log again, of one prompt or of all: has anything been altered? */
  verifyAudit(request?: { readonly prompt?: string | undefined }): Promise<AuditVerification>;
  /** The whole audit log, or a prompt's: chain by chain from the first entry on, each with what its hash is of. */
  auditChains(request?: { readonly prompt?: string | undefined }): AsyncIterable<HashedAuditLine>;
  /** How far the audit log has come, to be kept where whoever can change the database cannot. */
  checkpointAudit(): Promise<AuditCheckpoint>;
  /** Whether the audit log still goes through a checkpoint. */
  verifyCheckpoint(checkpoint: AuditCheckpoint): Promise<CheckpointVerification>;
  /** What each scope served at a moment. */
  pointersAt(at: Date, prompt?: string): Promise<readonly PastPointer[]>;
  /** Versions of other prompts that include one of a prompt's versions. */
  uses(prompt: string): Promise<readonly Use[]>;
  /** The keys to a server that are good, the newest first; with `all` those that were, too. */
  keys(request?: { readonly all?: boolean | undefined }): Promise<readonly ListedKey[]>;
  /** What Langfuse's clients have sent with each key, and what became of it. */
  keyIntake(): Promise<readonly KeyIntake[]>;
  /** Who is signed in: people, CI jobs, and browsers that have shown a key; the newest first. */
  sessions(): Promise<readonly ListedSession[]>;
  /** Which CI jobs a server lets in, and for what. */
  trustRules(): Promise<readonly ListedTrustRule[]>;
  /** Labels, and which of them only a releaser's key may move. */
  labels(): Promise<readonly ListedLabel[]>;
  /** What the prompts of repositories are at the commits that were applied last. */
  manifests(): Promise<readonly PublishedManifest[]>;
  /** Versions on their way through the environments, the newest first. */
  deliveries(request?: DeliveriesRequest): Promise<readonly ListedDelivery[]>;
  /** Where what is served is not what the published manifests say, as workers have seen it last. */
  drift(): Promise<SeenDrifts>;
  /** What is watched of live versions outside rollouts, and how far each monitor has come. */
  monitors(request?: MonitorsRequest): Promise<Monitors>;
  /** One of them, by its id or the beginning of it. */
  monitor(id: string): Promise<ListedMonitor>;
  /** What a monitor would have rung for in the last 30 days, and when a change of this size would have been found. */
  replayMonitor(id: string, options: { readonly factor: number }): Promise<ReplayedMonitor>;
  /** What monitors have found, the open ones first; those alone unless all are asked for. */
  alerts(request?: AlertsRequest): Promise<readonly ListedAlert[]>;
}

/** What changes something. Each is audited, under the name of whoever is at work. */
export interface SluiceChanging {
  /** A new version of a prompt; where there is one of this content, that. */
  push(request: PushRequest): Promise<PushedVersion>;
  /** The same of prompt files where the program runs, with the lock beside them; a database takes all or none. */
  pushFiles(paths: readonly string[], request?: PushFilesRequest): Promise<PushedFiles>;
  /**
   * Brings versions in from Langfuse or from a file, each prompt's from the oldest on; what is there already stays as it
   * is. Nothing goes live but labels that are asked for. What cannot be taken refuses all of it.
   */
  importPrompts(request: ImportRequest): Promise<Imported>;
  /** Has workers evaluate a version, whoever waits for it. It vouches for no move of a pointer. Needs Temporal. */
  evaluate(request: EvaluateRequest): Promise<RequestedEvaluation>;
  /** Ends one that runs, without a verdict; `conflict` where it has ended, or is the gate of a rollout. Needs Temporal. */
  stopEvaluation(id: string, why: { readonly reason: string }): Promise<StoppedEvaluation>;
  /**
   * Has workers take a version to what includes its prompt: each is made anew and put to its gate, or with `rollout` rolled
   * out. `not_found` where nothing includes it. Needs Temporal.
   */
  propagate(request: PropagateRequest): Promise<Propagation>;
  /** Rolls a version out: gate, canary, decision. Needs Temporal, as the controls do, `abort` aside. */
  start(request: StartRequest): Promise<StartAnswer>;
  pause(rollout: RolloutOf, why?: Reason): Promise<RolloutProgress>;
  resume(rollout: RolloutOf, why?: Reason): Promise<RolloutProgress>;
  /** Promotes at once, where there is enough to see harm and none shows. `granted: false` says what is missing. */
  promote(rollout: RolloutOf, why?: Reason): Promise<PromotionAnswer>;
  /** Ends a rollout, with all traffic on the baseline. */
  abort(rollout: RolloutOf, why?: Reason): Promise<AbortAnswer>;
  /** Says yes to a version, as its policy asks. */
  approve(rollout: RolloutOf, said?: Comment): Promise<Decided>;
  /** Says no to it, which ends its rollout. */
  reject(rollout: RolloutOf, said?: Comment): Promise<Decided>;
  /** Back to what was live before, at once: needs Postgres alone, and ends the rollout that runs. */
  rollBack(request: RollBackRequest): Promise<RolledBack>;
  /** Waits until the live resolvers have said that they serve a revision. */
  awaitFleet(request: AwaitFleetRequest): Promise<FleetConfirmation>;
  /** Moves a pointer by hand, from the revision that was seen. */
  setPointer(request: SetPointerRequest): Promise<SetPointer>;
  /**
   * Has a label serve a version by the label's own rules: one that is not protected is moved, a protected one to what has
   * passed its gate or to the first version that it serves; else the version is rolled out, or it is `forbidden`.
   */
  moveLabel(request: MoveLabelRequest): Promise<MovedLabel>;
  /** Counts small losses anew from the version that a scope serves. `conflict` for another one. */
  nameAnchor(request: AnchorRequest): Promise<NamedAnchor>;
  /** Decides running rollouts by another version of the decision rules, from their next look on. */
  moveRules(request: RulesRequest): Promise<MovedRules>;
  /** Has all processes call again what was held back, of one endpoint or of all; gives what was. */
  resetBreakers(endpoint?: string): Promise<readonly HeldBack[]>;
  /** Closes a dead letter without doing what it says. */
  discardDeadLetter(id: string, why: { readonly reason: string }): Promise<DeadLetterRow>;
  /** Does again what a dead letter says could not be done, and closes it; safe to repeat. */
  redriveDeadLetter(id: string): Promise<Redriven>;
  /** Puts a prompt away: no rollouts of it, and no place in lists. */
  archive(prompt: string, why: ArchiveRequest): Promise<ArchivedPrompt>;
  unarchive(prompt: string, why: { readonly reason: string }): Promise<ArchivedPrompt>;
  /** A key to a server. It is told here, and kept nowhere. */
  createKey(request: CreateKeyRequest): Promise<CreatedKey>;
  /** A new key with the same rights; the old one stays good for the overlap, a day when absent. */
  rotateKey(id: string, options?: { readonly overlapMs?: number | undefined }): Promise<CreatedKey>;
  /** A key is refused from now on, by every server within seconds. */
  revokeKey(id: string): Promise<RevokedKey>;
  /** Signs somebody out: one session, or all of one person. `not_found` where there is none. A key stays good. */
  endSessions(of: SessionsOf): Promise<readonly EndedSession[]>;
  /** Lets CI jobs in that fit a rule, by the token that their platform gives them. */
  addTrustRule(rule: TrustRuleRequest): Promise<TrustRule>;
  /** Nobody is let in by a rule any more, and who has been is refused within seconds. */
  removeTrustRule(name: string): Promise<{ readonly name: string }>;
  /** Says whether only a releaser's key may move a label, and what a move without evidence comes to there. */
  setLabel(label: string, request: LabelRequest): Promise<ChangedLabel>;
  /** Sets what is watched in a scope, all of it: what is left out is as usual. */
  setMonitors(request: SetMonitorsRequest): Promise<readonly ListedMonitor[]>;
  /** Has a monitor raise no alert for so long, 31 days at most; for 0 it rings again. */
  muteMonitor(id: string, options: { readonly forMs: number }): Promise<ListedMonitor>;
  /** Takes an alert on: it is not told again. */
  acknowledgeAlert(id: string): Promise<ListedAlert>;
  /**
   * Publishes what a repository's prompts are at a commit; the same again changes nothing. `conflict` where it does not
   * follow what is published.
   */
  publishManifest(request: PublishRequest): Promise<Publication>;
  /** Has a repository decide no more, on some of its prompts or on all of them. */
  forgetManifest(request: ForgetRequest): Promise<ForgottenManifest>;
  /** Takes what the published manifest says of a prompt through the environments. Once for a commit. Needs Temporal. */
  deliver(request: DeliverRequest): Promise<StartedDelivery>;
}

/**
 * Everything that a person can do, as functions: against a database or a server, with the same answers and the same
 * errors ({@link SluiceError}). Nothing connects before it is asked for something.
 */
export interface Sluice extends SluiceReading, SluiceChanging {
  /** Through which door it goes. */
  readonly door: "database" | "server";
  /** The same for messages: `Postgres`, or `the server at https://prompts.example`. */
  readonly where: string;
  /** Closes its connections. What is asked after that fails. */
  close(): Promise<void>;
}

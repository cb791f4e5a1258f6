import { armOf, type Arm } from "../../domain/rollout/assignment.ts";
import { CellRanks } from "../../domain/rollout/cell-assignment.ts";
import { columnsScope } from "../../domain/scope.ts";
import { Bucketer } from "./bucketer.ts";
import { Cell } from "./cell.ts";
import { isUsable, type LoadedVersion, type UnusableVersion } from "./loaded-version.ts";
import type { PointerEntry } from "../memory/pointer-entry.ts";
import { enrolment, plainServing, type Enrolment, type ServedRequest, type Serving } from "./serving.ts";

/** What a request (label, prompt, model, tenant) is served, worked out once for all of its units. */
export interface RouteState {
  /** For everybody while no rollout is on. */
  readonly base: Serving;
  readonly live: LiveRollout | undefined;
  /** Why it is not what the pointer asks for, when it is not. */
  readonly problem: UnusableVersion | undefined;
}

interface LiveRollout {
  /** Holds the lease, which is prolonged in place. */
  readonly entry: PointerEntry;
  readonly bucketer: Bucketer;
  readonly cells: CellRanks;
  readonly share: number;
  readonly candidate: Serving;
  readonly control: Serving;
  readonly unenrolled: Serving;
  readonly withoutUnit: Serving;
  readonly invalidUnit: Serving;
  readonly expired: Serving;
}

export interface RouteMaker {
  readonly request: ServedRequest;
  /** From the most specific scope to the most general. */
  readonly entries: readonly PointerEntry[];
  readonly versionOf: (id: string) => LoadedVersion | UnusableVersion;
  readonly fallback: LoadedVersion;
  /** What was served last: stays when what the pointer asks for cannot be served. */
  readonly lastGood: () => Serving | undefined;
}

/**
 * The most specific pointer decides. One without an active version inherits: what the next more general
 * one serves is the baseline, also of its own rollout. One without both says nothing at all.
 */
export function makeRouteState(maker: RouteMaker): RouteState {
  const { request, entries, versionOf } = maker;
  const deciding = entries.find(({ pointer }) => pointer && (pointer.activeVersion || pointer.mode));
  const baseline = entries.find(({ pointer }) => pointer?.activeVersion);
  if (!deciding || !baseline)
    return {
      base: plainServing(maker.fallback, request, "not_found"),
      live: undefined,
      problem: undefined,
    };
  const active = versionOf(baseline.pointer!.activeVersion!);
  const from = {
    scope: columnsScope(deciding.scope),
    revision: deciding.pointer!.revision,
  };
  if (!isUsable(active)) return { base: safeServing(maker, active), live: undefined, problem: active };
  const base = plainServing(active, request, "active", from);
  return deciding.pointer!.mode === null
    ? { base, live: undefined, problem: undefined }
    : withRollout(maker, deciding, base);
}

function withRollout(maker: RouteMaker, entry: PointerEntry, base: Serving): RouteState {
  const { mode, share, salt, epoch, rolloutId, candidateVersion, previousVersion } = entry.pointer!;
  const rollout = { rolloutId, epoch };
  // While held back the active version is the candidate's arm, and the one before it the control's.
  const otherId = mode === "canary" ? candidateVersion : previousVersion;
  if (rolloutId === null || otherId === null) return { base, live: undefined, problem: undefined };
  const other = maker.versionOf(otherId);
  if (!isUsable(other))
    return {
      base: { ...base, ...rollout, reason: "candidate_unusable" },
      live: undefined,
      problem: other,
    };
  const arm = (name: Enrolment["arm"], version: LoadedVersion): Serving => ({
    ...base,
    ...rollout,
    version,
    prompt: version.prompt ?? base.prompt,
    arm: name,
    reason: "enrolled",
    enrolment: enrolment(rolloutId, epoch, name),
  });
  const live: LiveRollout = {
    entry,
    bucketer: new Bucketer(salt),
    cells: new CellRanks(salt),
    share,
    candidate: arm("candidate", mode === "canary" ? other : base.version),
    control: arm("control", mode === "canary" ? base.version : other),
    unenrolled: { ...base, ...rollout, reason: "not_enrolled" },
    withoutUnit: { ...base, ...rollout, reason: "no_unit" },
    invalidUnit: { ...base, ...rollout, reason: "invalid_unit" },
    expired: { ...base, ...rollout, reason: "lease_expired" },
  };
  return { base, live, problem: undefined };
}

/** The safe thing where the active version cannot be served: what was served before, or the fallback. */
function safeServing(maker: RouteMaker, problem: UnusableVersion): Serving {
  const lastGood = maker.lastGood();
  return lastGood
    ? { ...lastGood, reason: problem.reason }
    : plainServing(maker.fallback, maker.request, problem.reason);
}

/**
 * What a unit is served at this moment. The clock (the monotonic one) is read only for a unit that is in an
 * arm: for any other one the lease makes no difference.
 */
export function serve(state: RouteState, unit: unknown): Serving {
  const { live } = state;
  if (live === undefined) return state.base;
  if (typeof unit !== "string" || unit === "") {
    if (unit instanceof Cell) return inArm(live, live.cells.armOf(unit.digits, live.share));
    return unit === undefined || unit === null ? live.withoutUnit : live.invalidUnit;
  }
  return inArm(live, armOf(live.bucketer.bucket(unit), live.share));
}

function inArm(live: LiveRollout, arm: Arm): Serving {
  if (arm === "unenrolled") return live.unenrolled;
  return live.entry.leaseEndsAt > performance.now() ? live[arm] : live.expired;
}

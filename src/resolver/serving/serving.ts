import type { Arm, EnrolledArm } from "../../domain/rollout/assignment.ts";
import type { Scope } from "../../domain/scope.ts";
import type { LoadedVersion } from "./loaded-version.ts";
import type { Reason, ResolutionSource } from "./reason.ts";

/**
 * Everything about a resolution but its unit. Made when a pointer changes, never when one is resolved:
 * resolving picks one of these, so it costs one small object.
 */
export interface Serving {
  readonly version: LoadedVersion;
  /** The prompt of the version that is served; a scope without a prompt may serve another one than was asked for. */
  readonly prompt: string;
  readonly label: string;
  /** The request's model and tenant, as scopes hold them: '' for none. */
  readonly model: string;
  readonly tenant: string;
  /** The scope whose pointer answered; null when none did. */
  readonly scope: Scope | null;
  readonly arm: Arm;
  readonly rolloutId: string | null;
  readonly epoch: number | null;
  readonly revision: number | null;
  readonly reason: Reason;
  /** Null: as fresh as the memory is. */
  readonly source: Exclude<ResolutionSource, "memory" | "store" | "stale"> | null;
  /** The rollout that counts this, when an arm of one is served. */
  readonly enrolment: Enrolment | null;
}

export interface Enrolment {
  readonly rolloutId: string;
  readonly epoch: number;
  readonly arm: EnrolledArm;
  /** Rollout and epoch in one. */
  readonly key: string;
}

export function enrolment(rolloutId: string, epoch: number, arm: EnrolledArm): Enrolment {
  return { rolloutId, epoch, arm, key: `${rolloutId} ${epoch}` };
}

export interface ServedRequest {
  readonly label: string;
  readonly prompt: string;
  readonly model: string;
  readonly tenant: string;
}

/** What is served without any rollout: an active version, a named one, or the fallback. */
export function plainServing(
  version: LoadedVersion,
  request: ServedRequest,
  reason: Reason,
  from: {
    readonly scope?: Scope | null;
    readonly revision?: number | null;
    readonly rolloutId?: string | null;
    readonly epoch?: number | null;
    readonly source?: Serving["source"];
  } = {},
): Serving {
  return {
    version,
    prompt: version.prompt ?? request.prompt,
    label: request.label,
    model: request.model,
    tenant: request.tenant,
    scope: from.scope ?? null,
    arm: "unenrolled",
    rolloutId: from.rolloutId ?? null,
    epoch: from.epoch ?? null,
    revision: from.revision ?? null,
    reason,
    source: version.id === null ? "fallback" : (from.source ?? null),
    enrolment: null,
  };
}

/**
 * Why a resolution is what it is.
 *
 * | reason | served | when |
 * |---|---|---|
 * | `active` | active version | nothing is being rolled out in this scope |
 * | `enrolled` | the arm's version | the unit is in the candidate or control arm |
 * | `not_enrolled` | active version | the unit's bucket is outside the rollout's share |
 * | `no_unit` | active version | a rollout is on, the request named no unit |
 * | `invalid_unit` | active version | the unit was empty or not a string |
 * | `lease_expired` | active version | the unit is in an arm, but the rollout has stopped renewing the lease of its canary |
 * | `candidate_unusable` | active version | a version of the rollout is gone, broken or not what its hash says |
 * | `version` | that version | the request named an exact version |
 * | `pinned` | the pinned version | the request carried a pin |
 * | `version_missing` | last known good, else fallback | the pointer names a version that is not there |
 * | `hash_mismatch` | last known good, else fallback | the artifact is not what its hash says |
 * | `artifact_invalid` | last known good, else fallback | the artifact does not compile |
 * | `cold` | snapshot, else fallback | `resolveSync` was asked for what is not in memory yet |
 * | `not_found` | fallback | no pointer answers the request, or no such version exists |
 * | `store_unreachable` | snapshot, else fallback | not in memory, and the store cannot be reached |
 * | `timeout` | snapshot, else fallback | not in memory, and the store did not answer in time |
 * | `invalid_request` | fallback | the request's prompt, label, model or tenant cannot be one |
 * | `closed` | fallback | not in memory, and the resolver has been closed |
 */
export type Reason =
  | "active"
  | "enrolled"
  | "not_enrolled"
  | "no_unit"
  | "invalid_unit"
  | "lease_expired"
  | "candidate_unusable"
  | "version"
  | "pinned"
  | "version_missing"
  | "hash_mismatch"
  | "artifact_invalid"
  | "cold"
  | "not_found"
  | "store_unreachable"
  | "timeout"
  | "invalid_request"
  | "closed";

/** Where what was served came from, best first. */
export type ResolutionSource = "memory" | "store" | "stale" | "snapshot" | "fallback";

import type { RolloutPolicy } from "./policy.ts";

/** How long somebody who asks waits for a releaser's word. */
const WAIT_MS = 7 * 86_400_000;

/**
 * The policy of a rollout that somebody asks for who may not release it: before any user gets the version, somebody
 * else who may has to approve it, beside what the policy asks for itself.
 */
export function withReleaseApproval(policy: RolloutPolicy): RolloutPolicy {
  const { approval } = policy;
  return {
    ...policy,
    approval: {
      ...approval,
      before: [...new Set(["canary" as const, ...(approval?.before ?? [])])],
      approvers: approval?.approvers ?? 1,
      timeout_ms: approval?.timeout_ms ?? WAIT_MS,
      distinct_author: approval?.distinct_author ?? false,
      asserted: approval?.asserted ?? false,
      distinct_starter: true,
    },
  };
}

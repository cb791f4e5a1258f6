import type { SourceUnderTest } from "./source-conformance.ts";
import type { Store } from "./store.ts";

/** How the conformance test changes what stands behind a source, where that is Postgres. */
export function storeUnderTest(store: Store): Omit<SourceUnderTest, "source"> {
  return {
    addVersion: (prompt, artifact) => store.addVersion(prompt, artifact),
    addRollout: (prompt, candidate, baseline) => store.addRollout(prompt, candidate, baseline),
    movePointer: async (scope, pointer) => {
      await store.movePointer(scope, {
        active_version: pointer.active ?? null,
        candidate_version: pointer.candidate ?? null,
        previous_version: pointer.previous ?? null,
        mode: pointer.mode ?? null,
        share: pointer.share ?? 0,
        salt: pointer.salt ?? "",
        epoch: pointer.epoch ?? 0,
        rollout_id: pointer.rolloutId ?? null,
        lease_until: pointer.leaseMs === undefined ? null : new Date(Date.now() + pointer.leaseMs),
      });
    },
    close: () => store.close(),
  };
}

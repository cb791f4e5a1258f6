import { PostgresSource } from "../../../src/resolver/sources/postgres.ts";
import { HttpSource } from "../../../src/resolver/sources/http.ts";
import { describeSource, type SourceUnderTest } from "../support/source-conformance.ts";
import { serveSource } from "../support/source-server.ts";
import { openStore } from "../support/store.ts";

async function open(): Promise<SourceUnderTest> {
  const store = await openStore();
  return {
    source: new PostgresSource(store.url),
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

describeSource("Postgres", open);

describeSource("a server on Postgres", async () => {
  const test = await open();
  const server = await serveSource(test.source);
  return {
    ...test,
    source: new HttpSource(server.url),
    close: async () => {
      await server.close();
      await test.source.close();
      await test.close();
    },
  };
});

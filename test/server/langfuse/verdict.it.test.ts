import { afterEach, beforeEach, expect, it } from "vitest";
import { findPointer } from "../../../src/storage/read/pointer.ts";
import { statusOfRollout } from "../../../src/storage/read/rollout-status.ts";
import { openRolloutServer, type RolloutServer } from "../support/rollout-server.ts";
import { langfuseService, type LangfuseService } from "./support/langfuse-service.ts";

const POLICY = `
metrics: { rating: { window: 3s }, error: { kind: rare, window: 3s } }
canary:
  stages: [{ share: 50% }]
  interval: 200ms
  min_units: 40
  max_units: 600
  max_duration: 90s
  lease: 10s
  goal: { metric: rating, direction: higher, claim: superior }
  guardrails: [{ metric: error, direction: lower, tolerated_increase: 20pp }]
`;
/** Users who come at once. */
const WAVE = 20;

let server: RolloutServer;
let service: LangfuseService;
beforeEach(async () => {
  server = await openRolloutServer();
  await server.bench.seed();
  server.bench.startWorker();
  service = langfuseService(
    server.url,
    await server.key({ role: "resolver", grants: { langfuse: { untrusted: "delimit" } } }),
  );
});
afterEach(async () => {
  await service.close();
  await server.close();
});

it("a version that users like better is promoted, though all that is known of them is what Langfuse's client says", async () => {
  const { bench } = server;
  const { rolloutId } = await bench.start(2, POLICY);
  await bench.until(rolloutId, (status) => status.phase === "canary", "the canary");
  const arms = new Map<string, number>();
  let users = 0;
  let status = await statusOfRollout(bench.db, rolloutId);
  while (status?.outcome === null && users < 2_000) {
    const answered = await Promise.all(
      Array.from({ length: WAVE }, () => service.answer(bench.prompt, `user-${users++}`)),
    );
    for (const [i, { trace, version, arm }] of answered.entries()) {
      arms.set(`${arm}${version}`, (arms.get(`${arm}${version}`) ?? 0) + 1);
      service.client.score.create({ traceId: trace, name: "rating", value: version + 1 + (i % 3) });
      // Most scores overtake the traces; some come after them.
      if (i === WAVE - 5) await service.flushTraces();
    }
    await service.client.flush();
    await service.flushTraces();
    status = await statusOfRollout(bench.db, rolloutId);
  }
  expect(status).toMatchObject({ outcome: "promoted" });
  const { active_version } = (await findPointer(bench.db, bench.scope))!;
  expect(active_version).toBe((await rolloutVersions(rolloutId)).candidate_version);
  // Nobody was in an arm and got the other's version; who came after the end is in none.
  expect([...arms.keys()].toSorted().filter((key) => !key.startsWith("undefined"))).toEqual(["c2", "k1"]);
  const intake = await bench.db
    .selectFrom("rollout_intake")
    .select("kind")
    .where("rollout_id", "=", rolloutId)
    .where("kind", "in", ["wrong_version", "conflicting_arm", "refused_value"])
    .execute();
  expect(intake).toEqual([]);
});

const rolloutVersions = (id: string) =>
  server.bench.db
    .selectFrom("rollouts")
    .select("candidate_version")
    .where("id", "=", id)
    .executeTakeFirstOrThrow();

import { sql } from "kysely";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { withDatabase } from "../../../src/storage/database.ts";
import { createCommandBench, ownNamespace, promptFile, type CommandBench } from "../command-bench.ts";
import { document, runSluice, startSluice } from "../run-sluice.ts";

const NAME = "support-reply";
const POLICY =
  "canary: { stages: [{ share: 50%, for: 1h }], interval: 500ms, lease: 2s, goal: { metric: rating, direction: higher, margin: 0.5 } }\n";

/** What the page says of a canary whose lease has run out, command by command, with no worker there. */
describe("a canary whose lease has run out", () => {
  let bench: CommandBench;
  let env: Record<string, string>;
  const run = (...args: string[]) => runSluice(args, { cwd: bench.folder, env });
  const asked = async (verb: string, ...more: string[]) => {
    const ran = await run("rollout", verb, NAME, ...more, "--json");
    return { verb, code: ran.code, said: JSON.parse(ran.stdout) as Record<string, unknown> };
  };
  beforeAll(async () => {
    bench = await createCommandBench();
    env = { ...bench.env, ...(await ownNamespace()) };
    const options = { cwd: bench.folder, env };
    const worker = startSluice(["worker"], options);
    await worker.said(/worker ready/);
    await bench.file("p.rollout.yaml", POLICY);
    for (const words of ["Be brief.", "Be kind."]) {
      await bench.file("p.yaml", promptFile(words).replace(/policy: .*\n/, "policy: p.rollout.yaml\n"));
      await document(["push", "p.yaml"], options);
    }
    for (const label of ["production", "staging"]) {
      const set = ["--label", label, "--expected-revision", "0", "--reason", "first", "--force"];
      await document(["pointers", "set", `${NAME}@1`, ...set], options);
      await document(["rollout", "start", `${NAME}@2`, "--label", label], options);
    }
    const reached = (count: () => Promise<number>) =>
      vi.waitFor(async () => expect(await count()).toBe(2), { timeout: 30_000 });
    const over = (wanted: number) => async () =>
      withDatabase(env["DATABASE_URL"]!, async (db) => {
        const { rows } = await sql<{ n: number }>`select count(*)::int as n from sluice.pointers
          where mode = 'canary' and (lease_until < now()) = ${wanted === 1}`.execute(db);
        return rows[0]!.n;
      });
    await reached(over(0));
    worker.child.kill("SIGKILL");
    await worker.ended;
    await reached(over(1));
  });
  afterAll(() => bench.close());

  it("serves everybody the baseline, and what needs a worker says with code 5 that none answers", async () => {
    for (const unit of Array.from({ length: 8 }, (_, n) => `u${n}`))
      expect(await document(["resolve", NAME, "--unit", unit], { cwd: bench.folder, env })).toMatchObject({
        version: 1,
      });
    const all = await Promise.all(["pause", "resume", "promote"].map((verb) => asked(verb)));
    for (const { verb, code, said } of all)
      expect({ verb, code, said }).toMatchObject({
        verb,
        code: 5,
        said: { error: { code: "unavailable", message: expect.stringContaining("is a worker running") } },
      });
    for (const verb of ["approve", "reject"]) {
      const ran = await run("rollout", verb, `${NAME}@2`, "--json");
      expect({ verb, code: ran.code }).toEqual({ verb, code: 4 });
      expect(ran.stdout).toContain("waits for no approval");
    }
    expect(await asked("status")).toMatchObject({ code: 0, said: { phase: "canary", outcome: null } });
  });

  it("is ended in the database by abort, and by rollback", async () => {
    expect(await asked("abort")).toMatchObject({ code: 0, said: { outcome: "aborted" } });
    expect((await run("rollback", NAME, "--label", "staging", "--reason", "bad")).code).toBe(0);
    for (const label of ["production", "staging"])
      expect(await asked("status", "--label", label)).toMatchObject({
        said: { phase: "done", outcome: "aborted" },
      });
    expect(await document(["pointers", NAME], { cwd: bench.folder, env })).toMatchObject([
      { mode: null, rolloutId: null },
      { mode: null, rolloutId: null },
    ]);
  });
});

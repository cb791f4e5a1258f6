import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { RolloutStatus } from "../../../src/domain/rollout/rollout.ts";
import { createCommandBench, GOLDEN, promptFile, type CommandBench } from "../command-bench.ts";
import { runSluice } from "../run-sluice.ts";

let bench: CommandBench;
beforeAll(async () => {
  bench = await createCommandBench({ temporal: true });
  await bench.file("golden.yaml", GOLDEN);
});
afterAll(() => bench.close());

const NAME = "support-reply";
const status = (wanted: (status: RolloutStatus) => boolean) =>
  bench.until(["rollout", "status", NAME], wanted);
const inCanary = (one: RolloutStatus) => one.phase === "canary" && one.share > 0;
const isOver = (one: RolloutStatus) => one.outcome !== null;

async function pushVersion(wording: string, as?: string): Promise<string> {
  await bench.file("support-reply.yaml", promptFile(wording));
  const { stdout } = await bench.run(["push", "support-reply.yaml", "-m", wording, "--json"], as);
  return `${NAME}@${JSON.parse(stdout)[0].version}`;
}

describe("a rollout from the command line", () => {
  it("makes a first version live, and says how it went by its exit code", async () => {
    const first = await pushVersion("Be brief.");
    const ran = await bench.run(["rollout", "start", first, "--wait", "--json"]);
    expect(ran.stderr).toMatch(/rollout of support-reply@1 started/);
    expect(ran.stderr).toMatch(/promoted: first_version/);
    expect(JSON.parse(ran.stdout)).toMatchObject({
      candidate: first,
      baseline: null,
      phase: "done",
      outcome: "promoted",
      joined: false,
      uiUrl: null,
    });
    expect(ran.code).toBe(0);
    const again = await bench.run(["rollout", "start", first]);
    expect(again.stderr).toContain("serves support-reply@1 already");
    expect(again.code).toBe(4);
  });

  it("rejects what fails the gate, with exit code 1", async () => {
    const bad = await pushVersion("Guess freely from memory.");
    const ran = await bench.run(["rollout", "start", bad, "--wait=gate", "--json"]);
    expect(JSON.parse(ran.stdout)).toMatchObject({ outcome: "rejected" });
    expect(ran.code).toBe(1);
  });

  it("is joined by those who start the same, and keeps out those who start another", async () => {
    const second = await pushVersion("Be kind.");
    const started = await Promise.all([1, 2, 3].map(() => bench.run(["rollout", "start", second, "--json"])));
    const receipts = started.map(({ stdout }) => JSON.parse(stdout));
    expect(started.map(({ code }) => code)).toEqual([0, 0, 0]);
    expect(new Set(receipts.map(({ rolloutId }) => rolloutId)).size).toBe(1);
    expect(receipts.filter(({ joined }) => joined)).toHaveLength(2);
    const other = await pushVersion("Be quick.");
    const refused = await bench.run(["rollout", "start", other]);
    expect(refused.stderr).toContain(`a rollout of ${second} is running`);
    expect(refused.code).toBe(4);
    expect(await bench.json<object[]>(["rollout", "list", "--running"])).toHaveLength(1);
  });

  it("is followed by lines, and goes on when nobody follows any more", async () => {
    await status(inCanary);
    const following = bench.start(["rollout", "start", `${NAME}@3`, "--wait"]);
    await following.said(/canary, stage 1 of 2: 25 % of units get it/);
    following.child.kill("SIGINT");
    const { code, stderr } = await following.ended;
    expect(code).toBe(130);
    expect(stderr).toContain("no longer following; the rollout goes on");
    const watching = bench.start(["rollout", "watch", NAME, "--json"]);
    await watching.said(/"phase":"canary"/);
    expect(await status(inCanary)).toMatchObject({ outcome: null });
    watching.child.kill("SIGTERM");
    const watched = await watching.ended;
    for (const line of watched.stdout.trim().split("\n"))
      expect(JSON.parse(line)).toHaveProperty("rolloutId");
    expect(watched.code).toBe(143);
  });

  it("counts the outcomes of units in its arms", async () => {
    const arms = new Set<unknown>();
    for (let unit = 0; arms.size < 2 && unit < 60; unit++) {
      const { arm } = await bench.json(["resolve", NAME, "--unit", `user-${unit}`]);
      if (arm === "unenrolled" || arms.has(arm)) continue;
      arms.add(arm);
      const version = arm === "candidate" ? `${NAME}@3` : `${NAME}@1`;
      const recorded = await bench.json([
        "record",
        version,
        "--unit",
        `user-${unit}`,
        "--metric",
        "rating=4",
      ]);
      expect(recorded).toMatchObject({ arm, counted: 1, recorded: true });
    }
    expect(await status(({ units }) => units.candidate === 1 && units.control === 1)).toBeDefined();
  });

  it("is paused and goes on", async () => {
    await bench.json(["rollout", "pause", NAME, "--reason", "lunch"]);
    expect((await bench.run(["rollout", "status", NAME])).stdout).toContain("(paused");
    await bench.json(["rollout", "resume", NAME]);
    expect(await status(({ paused }) => !paused)).toMatchObject({ phase: "canary" });
  });

  it("gives way to another version when it is told to", async () => {
    const ran = await bench.run(["rollout", "start", `${NAME}@4`, "--replace", "--json"]);
    expect(ran.stderr).toMatch(/^gate: with 2 cases [^\n]*\n$/);
    expect(JSON.parse(ran.stdout)).toMatchObject({ candidate: `${NAME}@4`, joined: false });
    const list = await bench.json<{ candidate: string; outcome: string | null; reason: string }[]>([
      "rollout",
      "list",
      NAME,
    ]);
    expect(list[0]).toMatchObject({ candidate: `${NAME}@4`, outcome: null });
    expect(list[1]).toMatchObject({ candidate: `${NAME}@3`, outcome: "aborted" });
    expect(list[1]!.reason).toContain("replaced by support-reply@4");
  });

  it("is not ended, paused or shown as one of another version than the one that is written", async () => {
    await status(inCanary);
    for (const verb of ["status", "watch", "pause", "abort", "promote"]) {
      const ran = await bench.run(["rollout", verb, `${NAME}@1`]);
      expect({ verb, code: ran.code }).toEqual({ verb, code: 4 });
      expect(ran.stderr).toContain(`the rollout of ${NAME} is not of ${NAME}@1`);
    }
    expect(await bench.json(["rollout", "status", NAME])).toMatchObject({ outcome: null, paused: false });
  });

  it("is ended by an abort, once", async () => {
    await status(inCanary);
    const waiting = bench.start(["rollout", "watch", NAME]);
    await waiting.said(/canary/);
    await bench.json(["rollout", "abort", NAME, "--reason", "wrong file"]);
    expect(await waiting.ended).toMatchObject({ code: 1 });
    const again = await bench.run(["rollout", "abort", NAME]);
    expect(again.stderr).toContain("the last one ended: aborted (aborted by anna: wrong file)");
    expect(again.code).toBe(2);
  });

  it("yields to a rollback, and ends without moving anything", async () => {
    await bench.json(["rollout", "start", `${NAME}@4`]);
    await status(inCanary);
    const [rolledBack, started] = await Promise.all([
      bench.run(["rollback", NAME, "--reason", "complaints", "--json"]),
      bench.run(["rollout", "start", `${NAME}@3`, "--json"]),
    ]);
    expect(rolledBack.code).toBe(0);
    // Whoever came first, the answer is the truth: it runs, or it was refused.
    expect([0, 4]).toContain(started.code);
    const runs = await bench.json<unknown[]>(["rollout", "list", "--running"]);
    expect(runs).toHaveLength(started.code === 0 ? 1 : 0);
    expect(await bench.json<object[]>(["pointers", NAME])).toMatchObject([{ active: `${NAME}@1` }]);
    if (started.code === 0) await bench.json(["rollout", "abort", NAME]);
    await status(isOver);
  });

  it("is kept whole: gate, verdicts and moves", async () => {
    const shown = await bench.json<{ gate: object; audit: { action: string }[] }>(["audit", "show", NAME]);
    const first = await bench.json<{ rollout: RolloutStatus }>(["audit", "show", `${NAME}@1`]);
    expect(first.rollout).toMatchObject({ candidate: `${NAME}@1`, outcome: "promoted" });
    expect(shown.audit[0]).toMatchObject({ action: "rollout_started" });
    expect((await bench.run(["audit", "show", NAME])).stdout).toContain("what was done");
    expect(await bench.json(["audit", "--verify"])).toMatchObject({ ok: true });
    const versions = await bench.json<object[]>(["versions", NAME]);
    expect(versions[0]).toMatchObject({ status: "live", tested: { verdict: "pass" } });
    expect(versions[1]).toMatchObject({ status: "retired", tested: { verdict: "fail" } });
  });
});

describe("a rollout that waits for approval", () => {
  const policy = `
gate: { dataset: golden.yaml, on_insufficient: canary }
canary: { stages: [{ share: 50% }], interval: 500ms, goal: { metric: rating, direction: higher, margin: 0.5 } }
approval: { before: canary, approvers: 2, timeout: 1h, distinct_author: true, asserted: true }
`;
  let version: string;
  beforeAll(async () => {
    await bench.file("approved.rollout.yaml", policy);
    version = await pushVersion("Be honest.", "carl");
    await bench.json(["rollout", "start", version, "--policy", "approved.rollout.yaml"]);
    await status(({ phase }) => phase === "awaiting_approval");
  });

  it("says who may do what", async () => {
    const { stdout } = await bench.run(["rollout", "status", NAME]);
    expect(stdout).toContain(`sluice rollout approve ${version}`);
  });

  it("takes no approval of its author, nor of another version", async () => {
    const author = await bench.run(["rollout", "approve", version], "carl");
    expect(author.stderr).toContain("wants somebody else to approve");
    expect(author.code).toBe(2);
    const { stdout } = await bench.run(["rollout", "approve", version, "--json"], "carl");
    expect(JSON.parse(stdout)).toMatchObject({ error: { code: "forbidden" } });
    const other = await bench.run(["rollout", "approve", `${NAME}@1`]);
    expect(other.stderr).toContain("is of another version");
    expect(other.code).toBe(4);
  });

  it("keeps a decision that Temporal could not be told of, and says so", async () => {
    const env = { ...bench.env, TEMPORAL_ADDRESS: "127.0.0.1:1", SLUICE_ACTOR: "anna" };
    const away = await runSluice(["rollout", "approve", version, "--json"], { cwd: bench.folder, env });
    expect(away.code).toBe(5);
    expect(JSON.parse(away.stdout)).toMatchObject({ error: { code: "unavailable" } });
    expect(away.stderr).toMatch(
      /^sluice: your decision is kept, .* It reads the decision by itself once it goes on\n$/,
    );
  });

  it("counts each person once, and goes on with enough of them", async () => {
    const one = await bench.run(["rollout", "approve", version], "anna");
    expect(one.stdout).toContain("1 of 2 approvals so far (counted by asserted names)");
    const again = await bench.run(["rollout", "approve", version], "anna");
    expect(again.stdout).toContain("anna had decided so before; 1 of 2 approvals so far");
    const two = await bench.run(["rollout", "approve", version, "--comment", "reads well"], "ben");
    expect(two.stdout).toContain("approved by anna, ben");
    await status(inCanary);
    const late = await bench.run(["rollout", "reject", version]);
    expect(late.stderr).toContain("waits for no approval");
    expect(late.code).toBe(4);
    const { approvals } = await bench.json<{ approvals: { asserted: string }[] }>(["audit", "show", NAME]);
    expect(approvals.map(({ asserted }) => asserted)).toEqual(["anna", "ben"]);
  });

  it("ends when one person says no", async () => {
    await bench.run(["rollout", "abort", NAME]);
    await status(isOver);
    await bench.json(["rollout", "start", version, "--policy", "approved.rollout.yaml"]);
    await status(({ phase }) => phase === "awaiting_approval");
    await bench.run(["rollout", "reject", version, "--comment", "too honest"], "ben");
    expect(await status(isOver)).toMatchObject({ outcome: "rejected" });
    expect((await bench.run(["rollout", "status", NAME])).stdout).toContain("rejected by ben: too honest");
  });
});

import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { LoggedRequest } from "../../src/local/model-server/request-log.ts";
import { startModelServer } from "../../src/local/model-server/server.ts";
import { readAudit } from "../../src/storage/read/audit.ts";
import { findPointer } from "../../src/storage/read/pointer.ts";
import { pushPromptFiles } from "../../src/use-cases/push.ts";
import { setPointerByHand } from "../../src/use-cases/set-pointer.ts";
import { startRollout } from "../../src/use-cases/start-rollout.ts";
import type { StartedRollout } from "../../src/domain/shapes/rollouts.ts";
import { createRolloutBench, type RolloutBench } from "../support/rollout-bench.ts";
import { startWorkerProcess } from "../support/worker-process.ts";

const CASES = 4;
const REPEATS = 3;

describe("what a worker's gate goes by", () => {
  let bench: RolloutBench;
  let folder: string;
  beforeEach(async () => {
    bench = await createRolloutBench();
    folder = await mkdtemp(join(tmpdir(), "sluice-gate-"));
  });
  afterEach(async () => {
    await bench.close();
    await rm(folder, { recursive: true, force: true });
  });

  /** Pushes a version; what is not named is the same in all of them. */
  async function push(words: string, { model = "openai/gpt-4.1-mini", params = "{ max_tokens: 100 }" } = {}) {
    const file = join(folder, "version.yaml");
    await writeFile(
      file,
      `name: ${bench.prompt}
model: ${model}
params: ${params}
variables: { words: { type: string, required: true } }
messages:
  - { role: system, content: "${words} Say the words that you are told." }
  - { role: user, content: "{{ words }}" }
`,
    );
    const [pushed] = await pushPromptFiles(bench.db, [file], { author: "test", message: "" });
    return pushed!.version;
  }
  async function makeLive(number: number): Promise<void> {
    const pointer = await findPointer(bench.db, bench.scope);
    await setPointerByHand(bench.db, {
      scope: bench.scope,
      version: { prompt: bench.prompt, number },
      expectedRevision: pointer?.revision ?? 0,
      reason: "live",
      force: true,
      by: "test",
    });
  }
  async function start(number: number, assertion: string, gate = ""): Promise<StartedRollout> {
    const cases = Array.from(
      { length: CASES },
      (_, index) => `- { vars: { words: "case-${index} of many" }, assert: [${assertion}] }`,
    );
    await writeFile(join(folder, "cases.yaml"), cases.join("\n"));
    await writeFile(
      join(folder, "p.rollout.yaml"),
      `gate: { dataset: cases.yaml, repeats: ${REPEATS}, on_insufficient: canary${gate} }
canary: { stages: [{ share: 50%, for: 1h }], goal: { metric: rating, direction: higher, margin: 0.5 } }
`,
    );
    return startRollout(bench.db, bench.starter, {
      scope: bench.scope,
      prompt: bench.prompt,
      number,
      policyFile: join(folder, "p.rollout.yaml"),
      by: "test",
    });
  }
  const ended = ({ rolloutId }: StartedRollout) =>
    bench.until(rolloutId, (status) => status.outcome !== null, "the end");
  const evaluationOf = ({ rolloutId }: StartedRollout) =>
    bench.db
      .selectFrom("evaluations")
      .selectAll()
      .where("rollout_id", "=", rolloutId)
      .executeTakeFirstOrThrow();
  async function asked(url = bench.modelUrl): Promise<LoggedRequest[]> {
    const response = await fetch(`${url}/__log`);
    return ((await response.json()) as { requests: LoggedRequest[] }).requests;
  }

  /** What no version says, so that each is rejected and the live one stays. */
  const NEVER_SAID = '{ type: contains, value: "nothing like it" }';

  it("is no answer that was recorded for another text, model, temperature or endpoint, and is one for the same", async () => {
    const live = await push("You are live.");
    await makeLive(live);
    bench.startWorker();
    await ended(await start(await push("You are a candidate."), NEVER_SAID));

    const reusedBy = async (words: string) => {
      const rollout = await start(await push(words), NEVER_SAID);
      expect(await ended(rollout)).toMatchObject({ outcome: "rejected" });
      return ((await evaluationOf(rollout)).report as { reused: number }).reused;
    };
    expect(await reusedBy("You are another candidate.")).toBe(CASES * REPEATS);
    for (const [kind, other] of [
      ["text", await push("You are live, in other words.")],
      ["model", await push("You are live.", { model: "openai/gpt-4.1-nano" })],
      ["temperature", await push("You are live.", { params: "{ max_tokens: 100, temperature: 1 }" })],
    ] as const) {
      await makeLive(other);
      const before = (await asked()).length;
      expect({ kind, reused: await reusedBy(`You are held against another ${kind}.`) }).toEqual({
        kind,
        reused: 0,
      });
      expect((await asked()).length - before).toBe(2 * CASES * REPEATS);
    }

    await makeLive(live);
    expect(await reusedBy("You are one more candidate.")).toBe(CASES * REPEATS);
    await bench.stopWorker();
    const elsewhere = await startModelServer();
    const worker = await startWorkerProcess({ ...bench, modelUrl: elsewhere.url });
    try {
      expect(await reusedBy("You are asked elsewhere.")).toBe(0);
      expect(await asked(elsewhere.url)).toHaveLength(2 * CASES * REPEATS);
    } finally {
      worker.kill("SIGKILL");
      await elsewhere.stop();
    }
  });

  it.each(["reset", "malformed", "empty"])(
    "is never a judge that does not deliver (%s): the version is not let through, and nothing is served of it",
    judgedWith,
    60_000,
  );
  // These are asked for again and again before they count.
  it.each(["500", "html"])(
    "is never a judge that answers %s: the same",
    { tags: "long", timeout: 60_000 },
    judgedWith,
  );

  async function judgedWith(fault: string): Promise<void> {
    const judge = `openai/gpt-4.1-mini+error-rate=1+faults=${fault}`;
    await makeLive(await push("You are live."));
    const before = await findPointer(bench.db, bench.scope);
    bench.startWorker();
    const rollout = await start(
      await push("You are a candidate."),
      '{ type: contains, value: "of many" }, { type: llm-rubric, value: "It says words." }',
      `, judge: "${judge}"`,
    );
    const { outcome, reason, phase } = await ended(rollout);
    expect(phase).toBe("done");
    expect({ outcome, reason }).toEqual({
      outcome: expect.stringMatching(/^(rejected|failed)$/),
      reason: expect.any(String),
    });
    const { verdict } = await evaluationOf(rollout);
    expect(verdict).not.toBe("pass");
    const after = await findPointer(bench.db, bench.scope);
    expect(after).toMatchObject({ candidate_version: null, mode: null });
    expect(after!.active_version).toBe(before!.active_version);
    const moves = await readAudit(bench.db, { prompt: bench.prompt, limit: 100 });
    expect(moves.map(({ action }) => action)).not.toContain("stage_opened");
  }
});

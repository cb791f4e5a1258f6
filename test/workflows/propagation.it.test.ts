import type { ChildProcess } from "node:child_process";
import { randomUUID } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { scopeColumns } from "../../src/domain/scope.ts";
import type { Propagation } from "../../src/domain/shapes/propagating.ts";
import {
  dependantWorkflowId,
  evaluationWorkflowId,
  propagationWorkflowId,
  WORKFLOW,
} from "../../src/protocol/names.ts";
import { findRollout } from "../../src/storage/read/rollout-row.ts";
import { requireVersion } from "../../src/storage/read/version.ts";
import { transact } from "../../src/storage/transact.ts";
import { endRollout } from "../../src/storage/write/end-rollout.ts";
import { closeEvaluation } from "../../src/storage/write/open-evaluation.ts";
import { beginDependant } from "../../src/use-cases/begin-dependant.ts";
import { planPropagation } from "../../src/use-cases/plan-propagation.ts";
import {
  propagateInclude,
  requirePropagation,
  resumePropagations,
} from "../../src/use-cases/propagate-include.ts";
import { publish } from "../../src/use-cases/publish-manifest.ts";
import { pushPromptFiles } from "../../src/use-cases/push.ts";
import { setPointerByHand } from "../../src/use-cases/set-pointer.ts";
import { stopEvaluation } from "../../src/use-cases/stop-evaluation.ts";
import { untilChildIsRefused } from "../support/refused-child.ts";
import { createRolloutBench, keepWorkflowHistory, type RolloutBench } from "../support/rollout-bench.ts";
import { randomTaskQueue } from "../support/temporal.ts";
import { startSlowModels } from "../support/slow-models.ts";
import { startWorkerProcess } from "../support/worker-process.ts";

const CASES = `
- vars: { question: I forgot my password and cannot log in. What do I do? }
  assert: [{ type: is-json }]
- vars: { question: Can I get a refund for the plan that I bought last week? }
  assert: [{ type: is-json }]
`;
const GATE = "policy: { gate: { dataset: cases.yaml } }\n";
/** Its stages last until somebody ends them. */
const CANARY =
  "policy: { gate: { dataset: cases.yaml }, canary: { stages: [{ share: 50%, for: 1h }], goal: { metric: rating, direction: higher, claim: non_inferior, margin: 0.1 } } }\n";

describe("taking a version to what includes its prompt", () => {
  let bench: RolloutBench;
  let folder: string;
  let style: string;
  let workers: ChildProcess[];
  beforeEach(async () => {
    bench = await createRolloutBench();
    folder = await mkdtemp(join(tmpdir(), "sluice-propagation-"));
    await writeFile(join(folder, "cases.yaml"), CASES);
    style = named("style");
    workers = [];
    await pushStyle(1);
  });
  afterEach(async () => {
    for (const worker of workers) worker.kill("SIGKILL");
    await bench.close();
    await rm(folder, { recursive: true, force: true });
  });

  // The server is shared, and a rollout's workflow is called by its prompt.
  const named = (name: string) => `${bench.prompt}-${name}`;
  async function push(name: string, text: string): Promise<{ readonly created: boolean }> {
    const path = join(folder, `${name}.yaml`);
    await writeFile(path, `name: ${name}\nmodel: openai/gpt-4.1-mini\n${text}`);
    const [pushed] = await pushPromptFiles(bench.db, [path], { author: "ann", message: "" });
    return pushed!;
  }
  /** Version 9 does not ask for the format that the cases check. */
  const pushStyle = (number: number) =>
    push(
      style,
      `messages:
  - role: system
    content: |
      You are support assistant number ${number}.
      ${number === 9 ? "" : 'Answer with a JSON object: {"answer": "what you tell the customer", "category": "billing or account"}.'}
`,
    );
  const including = (what: string, more = GATE) =>
    `variables: { question: { type: string, required: true, untrusted: true } }
messages: [{ include: ${what} }, { role: user, content: "{{ question }}" }]
${more}`;
  const live = (prompt: string, number: number) =>
    setPointerByHand(bench.db, {
      scope: scopeColumns({ label: "production", prompt }),
      version: { prompt, number },
      expectedRevision: 0,
      reason: "test",
      force: true,
      by: null,
    });
  const plan = (number: number, options: { readonly to?: readonly string[]; readonly label?: string } = {}) =>
    planPropagation(bench.db, { of: { prompt: style, number }, ...options });
  async function start(
    number: number,
    {
      label,
      rollout = false,
      maxCostUsd = null,
    }: {
      readonly label?: string;
      readonly rollout?: boolean;
      readonly maxCostUsd?: number | null;
    } = {},
  ): Promise<Propagation> {
    const port = { use: <T>(work: (temporal: never) => Promise<T>) => work(bench.starter as never) };
    return propagateInclude(bench.db, port, await plan(number, label === undefined ? {} : { label }), {
      id: randomUUID(),
      label: label ?? null,
      rollout,
      needsApproval: false,
      maxCostUsd,
      by: "ann",
    });
  }
  async function until(
    { propagationId }: Propagation,
    wanted: (now: Propagation) => boolean,
  ): Promise<Propagation> {
    for (let attempt = 0; attempt < 1_200; attempt++) {
      const now = await requirePropagation(bench.db, propagationId);
      if (wanted(now)) return now;
      await delay(50);
    }
    throw new Error(`never as wanted: ${JSON.stringify(await requirePropagation(bench.db, propagationId))}`);
  }
  const end = (propagation: Propagation) => until(propagation, ({ endedAt }) => endedAt !== null);
  const versionsOf = async (prompt: string) =>
    (await bench.db.selectFrom("versions").select("number").where("prompt", "=", prompt).execute()).length;

  it("makes each anew after what it includes, as pushing its file would, and puts it to its gate", async () => {
    const [middle, top, other] = [named("middle"), named("top"), named("other")];
    await push(middle, `messages: [{ include: ${style}@1 }]\n`);
    await push(top, including(`${middle}@1`));
    await push(other, including(`${style}@1`));
    await pushStyle(2);
    bench.startWorker();
    const ended = await end(await start(2));
    expect(ended).toMatchObject({ version: `${style}@2`, reason: "", startedBy: "ann" });
    expect(ended.dependants.map(({ version, state, level }) => [version, state, level])).toEqual([
      [`${middle}@2`, "made", 1],
      [`${other}@2`, "passed", 1],
      [`${top}@2`, "passed", 2],
    ]);
    expect(await requireVersion(bench.db, { prompt: top })).toMatchObject({
      author: "ann",
      message: `includes ${style}@2`,
      artifact: { includes: [{ prompt: middle, number: 2 }] },
    });
    // Byte for byte: the hash says that this is that version.
    expect(await push(top, including(`${middle}@2`))).toMatchObject({ created: false, version: 2 });
    expect(await push(other, including(`${style}@2`))).toMatchObject({ created: false, version: 2 });
    const again = await end(await start(2));
    expect(again.dependants.map(({ state }) => state)).toEqual(["unchanged", "unchanged", "unchanged"]);
    await keepWorkflowHistory(
      bench.client,
      propagationWorkflowId(ended.propagationId),
      "propagated-to-three-dependants",
    );
  });

  it("makes no version twice where workers are killed and its workflow is terminated in the middle", async () => {
    const prompts = Array.from({ length: 5 }, (_, at) => named(`p${at}`));
    for (const prompt of prompts) await push(prompt, including(`${style}@1`));
    await pushStyle(2);
    const begun = await start(2);
    const made = async () =>
      (await requirePropagation(bench.db, begun.propagationId)).dependants.filter((one) => one.version)
        .length;
    const first = await startWorkerProcess(bench);
    workers.push(first);
    await until(begun, ({ dependants }) => dependants.some(({ version }) => version !== null));
    first.kill("SIGKILL");
    await bench.client.workflow
      .getHandle(propagationWorkflowId(begun.propagationId))
      .terminate("by an operator");
    expect(await made()).toBeGreaterThan(0);
    expect(await resumePropagations(bench.db, bench.starter, { olderThanMs: 3_600_000 })).toEqual([]);
    expect(await resumePropagations(bench.db, bench.starter, { olderThanMs: 0 })).toEqual([`${style}@2`]);
    bench.startWorker();
    const ended = await end(begun);
    expect(ended.dependants.map(({ version, state }) => [version, state])).toEqual(
      prompts.map((prompt) => [`${prompt}@2`, "passed"]),
    );
    for (const prompt of prompts) expect(await versionsOf(prompt)).toBe(2);
  });

  it("waits for what a terminated one has left open, and takes none of its words for the gate's", async () => {
    const prompt = named("left");
    await push(prompt, including(`${style}@1`));
    await pushStyle(2);
    const begun = await start(2);
    const { propagationId } = begun;
    const { workflow } = bench.client;
    await workflow.getHandle(propagationWorkflowId(propagationId)).terminate("by an operator");
    const { evaluationId } = await beginDependant(bench.db, bench.starter, { propagationId, prompt });
    // At a queue that nobody works at, what is left stays open for as long as it is to.
    const taskQueue = randomTaskQueue();
    const dependantId = dependantWorkflowId(propagationId, prompt);
    const dependant = await workflow.start(WORKFLOW.dependant, {
      workflowId: dependantId,
      taskQueue,
      args: [{ propagationId, prompt }],
    });
    const evaluation = await workflow.start(WORKFLOW.evaluation, {
      workflowId: evaluationWorkflowId(evaluationId!),
      taskQueue,
      args: [{ evaluationId, alone: true }],
    });
    await resumePropagations(bench.db, bench.starter, { olderThanMs: 0 });
    bench.startWorker();
    await untilChildIsRefused(bench.client, propagationWorkflowId(propagationId), dependantId);
    await dependant.terminate("as its parent");
    await untilChildIsRefused(bench.client, dependantId, evaluation.workflowId);
    // As a worker ends one that Temporal has cancelled.
    await closeEvaluation(bench.db, evaluationId!, "cancelled in Temporal");
    await evaluation.terminate("as its worker");
    expect((await end(begun)).dependants).toMatchObject([{ evaluationId, state: "passed" }]);
    await keepWorkflowHistory(bench.client, dependantId, "a-dependant-waits-for-a-gate-that-was-left");
  });

  it("counts one whose tests somebody stops as failed, and goes on with the others", async () => {
    const [slow, top, other] = [named("slow"), named("top"), named("other")];
    // Its gate goes on until somebody ends it.
    await push(slow, including(`${style}@1`).replace("{{ question }}", "Wait. {{ question }}"));
    await push(top, including(`${slow}@1`));
    await push(other, including(`${style}@1`));
    await pushStyle(2);
    const models = await startSlowModels(bench.modelUrl, "Wait.");
    try {
      workers.push(await startWorkerProcess({ ...bench, modelUrl: models.url }));
      const begun = await start(2);
      const { dependants } = await until(begun, () => models.waiting() > 0);
      const port = { use: <T>(work: (temporal: never) => Promise<T>) => work(bench.starter as never) };
      await stopEvaluation(bench.db, port, {
        id: dependants.find(({ prompt }) => prompt === slow)!.evaluationId!,
        by: "ann",
        reason: "too slow",
        operationId: randomUUID(),
      });
      const ended = await end(begun);
      expect(ended.reason).toBe("");
      expect(ended.dependants.map(({ prompt, state }) => [prompt, state])).toEqual([
        [other, "passed"],
        [slow, "failed"],
        [top, "stopped"],
      ]);
      expect(ended.dependants[1]!.reason).toMatch(/came to no verdict/);
    } finally {
      models.close();
    }
  });

  it("stops at what has failed its gate: nothing is made that includes it", async () => {
    const [middle, top] = [named("middle"), named("top")];
    await push(middle, including(`${style}@1`));
    await push(top, including(`${middle}@1`));
    await pushStyle(9);
    bench.startWorker();
    const ended = await end(await start(2));
    expect(ended.dependants).toMatchObject([
      { version: `${middle}@2`, state: "failed", evaluationId: expect.any(String) },
      {
        version: null,
        state: "stopped",
        reason: expect.stringMatching(/-middle, which it includes, comes first/),
      },
    ]);
    expect(await versionsOf(top)).toBe(1);
  });

  it("rolls each one out, and ends the others when one was taken back", async () => {
    const prompts = ["a", "b", "c", "d"].map(named);
    for (const prompt of prompts) {
      await push(prompt, including(`${style}@1`, CANARY));
      await live(prompt, 1);
    }
    await pushStyle(2);
    bench.startWorker();
    const begun = await start(2, { label: "production", rollout: true });
    const running = await until(
      begun,
      ({ dependants }) => dependants.filter(({ state }) => state === "rolling_out").length === 3,
    );
    // Three at once: the fourth waits for its turn.
    expect(running.dependants.map(({ state }) => state)).toEqual([
      "rolling_out",
      "rolling_out",
      "rolling_out",
      "waiting",
    ]);
    const [first] = running.dependants;
    await bench.until(first!.rolloutId!, ({ phase }) => phase === "canary", "the canary");
    await transact(bench.db, (transaction) =>
      endRollout(transaction, {
        rolloutId: first!.rolloutId!,
        outcome: "rolled_back",
        reason: "harm: rating",
      }),
    );
    const ended = await end(begun);
    expect(ended.dependants.map(({ state }) => state)).toEqual([
      "rolled_back",
      "stopped",
      "stopped",
      "stopped",
    ]);
    for (const { rolloutId } of ended.dependants.slice(1, 3))
      expect(await findRollout(bench.db, rolloutId!)).toMatchObject({
        outcome: "aborted",
        reason: expect.stringContaining(`the rollout of ${prompts[0]} was taken back`),
      });
    expect(await versionsOf(prompts[3]!)).toBe(1);
  });

  it("makes what a label serves, what is named, and nothing that is kept in a repository", async () => {
    const [kept, mine, strange] = [named("kept"), named("mine"), named("strange")];
    for (const prompt of [kept, mine]) await push(prompt, including(`${style}@1`));
    await push(
      strange,
      `variables: { tone: { type: list } }
messages: [{ include: ${style}@1 }, { role: user, content: "{{ tone[0] }}" }]
`,
    );
    await live(mine, 1);
    await push(mine, including(`${style}@1`).replace("{{ question }}", "Now: {{ question }}"));
    const { sha256 } = await requireVersion(bench.db, { prompt: kept });
    await publish(bench.db, {
      manifest: {
        repository: "git.example.org/acme/prompts",
        branch: "main",
        commit: "a".repeat(40),
        committedAt: "2026-05-01T12:00:00.000Z",
        owner: "both",
        environments: [
          {
            name: "production",
            label: "production",
            from: null,
            liveForMs: 0,
            scopes: [{ model: null, tenant: null }],
          },
        ],
        prompts: [{ prompt: kept, path: "prompts/kept.yaml", sha256 }],
      },
      expectedRevision: 0,
      takeOver: false,
      assertedActor: "anna",
    });
    await push(
      style,
      "variables: { tone: { type: string } }\nmessages: [{ role: user, content: '{{ tone }}' }]\n",
    );
    expect((await plan(2, { label: "production" })).steps).toMatchObject([
      { prompt: mine, base: { number: 1 } },
    ]);
    await expect(plan(2, { to: ["nothing"] })).rejects.toThrow(`nothing does not include ${style}`);
    await expect(plan(2, { label: "staging" })).rejects.toMatchObject({ code: "not_found" });
    const begun = await start(2);
    const { propagationId } = begun;
    for (const prompt of [mine, strange])
      await beginDependant(bench.db, bench.starter, { propagationId, prompt });
    expect((await requirePropagation(bench.db, propagationId)).dependants).toMatchObject([
      {
        prompt: kept,
        state: "in_git",
        version: null,
        reason: `its file is prompts/kept.yaml of git.example.org/acme/prompts: where that names ${style}@1, write ${style}@2`,
        patch: { path: "prompts/kept.yaml", from: `${style}@1`, to: `${style}@2` },
      },
      { prompt: mine, from: `${mine}@2`, version: `${mine}@3`, state: "testing" },
      {
        prompt: strange,
        state: "impossible",
        version: null,
        reason: expect.stringContaining('variable "tone" differently'),
      },
    ]);
    expect(await versionsOf(kept)).toBe(1);
  });

  it("shares out what it may spend: what one leaves is for those that are still to come", async () => {
    const prompts = ["a", "b", "c"].map(named);
    for (const prompt of prompts) await push(prompt, including(`${style}@1`));
    await pushStyle(2);
    const { propagationId } = await start(2, { maxCostUsd: 3 });
    const shares: unknown[] = [];
    for (const [at, prompt] of prompts.entries()) {
      await beginDependant(bench.db, bench.starter, { propagationId, prompt });
      const { evaluation_id: id } = await bench.db
        .selectFrom("propagation_steps")
        .select("evaluation_id")
        .where("prompt", "=", prompt)
        .executeTakeFirstOrThrow();
      const { gate } = await bench.db
        .selectFrom("evaluations")
        .select("gate")
        .where("id", "=", id!)
        .executeTakeFirstOrThrow();
      shares.push(gate!.max_cost_usd);
      if (at === 0)
        await bench.db
          .updateTable("evaluations")
          .set({ cost_usd: 0.5, verdict: "pass", ended_at: new Date() } as never)
          .where("id", "=", id!)
          .execute();
    }
    expect(shares).toEqual([1, 1.25, 1.25]);
  });
});

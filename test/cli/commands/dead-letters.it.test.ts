import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { RolloutStatus } from "../../../src/domain/rollout/rollout.ts";
import { openDatabase, type Database } from "../../../src/storage/database.ts";
import { findRollout } from "../../../src/storage/read/rollout-row.ts";
import { fileDeadLetter } from "../../../src/storage/write/file-dead-letter.ts";
import { readPermittedAddresses } from "../../../src/outbound/permitted-addresses.ts";
import { sweepDeadLetters } from "../../../src/use-cases/sweep-dead-letters.ts";
import { createCommandBench, GOLDEN, promptFile, type CommandBench } from "../command-bench.ts";
import { runSluice } from "../run-sluice.ts";

let bench: CommandBench;
let db: Database;
let webhook: Server;
let rolloutId: string;
let answer = 200;
let told = () => {};
const received: { id: string; outcome: string }[] = [];
/** What the webhook has taken of the rollout, as its worker told it. */
const events: string[] = [];

beforeAll(async () => {
  webhook = createServer((request, response) => {
    let body = "";
    request.on("data", (part) => (body += String(part)));
    request.on("end", () => {
      const notification = JSON.parse(body) as { event: string; id: string; outcome: string };
      if (answer === 200 && notification.event === "ended") received.push(notification);
      if (answer === 200) events.push(notification.event);
      if (new Set(events).size === 3) told();
      response.writeHead(answer).end();
    });
  });
  await new Promise<void>((listening) => webhook.listen(0, "127.0.0.1", listening));
  bench = await createCommandBench({ temporal: true });
  db = openDatabase(bench.env["DATABASE_URL"]!);
  await bench.file("golden.yaml", GOLDEN);
  await bench.file("support-reply.yaml", promptFile("Be brief."));
  await bench.file("other.yaml", promptFile("Be kind."));
  await bench.run(["push", "support-reply.yaml"]);
  await bench.run(["push", "other.yaml"]);
  await bench.run("pointers set support-reply@1 --expected-revision 0 --force --reason r".split(" "));
  const { port } = webhook.address() as AddressInfo;
  await bench.file(
    "told.rollout.yaml",
    `canary: { stages: [{ share: 50% }], interval: 500ms, goal: { metric: rating, direction: higher, margin: 0.5 } }
notify: [{ webhook: "http://127.0.0.1:${port}/" }]
`,
  );
  const started = await bench.json(["rollout", "start", "support-reply@2", "--policy", "told.rollout.yaml"]);
  rolloutId = String(started["rolloutId"]);
  await bench.until<RolloutStatus>(["rollout", "status", "support-reply"], ({ phase }) => phase === "canary");
  // The rollout itself tells what happens and how it ended; what comes after that is told by redriving.
  const itself = new Promise<void>((heard) => (told = heard));
  await bench.run(["rollback", "support-reply", "--reason", "complaints"]);
  await itself;
  answer = 500;
});
afterAll(async () => {
  await db.destroy();
  await bench.close();
  webhook.close();
});

async function letter(operation: string): Promise<string> {
  const rollout = (await findRollout(db, rolloutId))!;
  const { label, prompt, model, tenant } = rollout;
  return fileDeadLetter(db, {
    operationId: `${rolloutId}/${operation}`,
    operation,
    prompt,
    rolloutId,
    payload: {
      candidateVersion: rollout.candidate_version,
      policySha256: rollout.policy_sha256,
      scope: { label, prompt, model, tenant },
    },
    error: { code: "unavailable", message: "the receiver was away" },
  });
}

it("a rollout tells its webhooks of each transition once", () => {
  expect(events.toSorted()).toEqual(["advanced", "ended", "started"]);
});

describe("a dead letter", () => {
  it("is listed and shown with all that it takes", async () => {
    const id = await letter("notify");
    const listed = await bench.json<{ id: string }[]>(["dead-letters", "list"]);
    expect(listed.map((one) => one.id)).toContain(id);
    const { stdout } = await bench.run(["dead-letters", "show", id.slice(0, 8)]);
    expect(stdout).toContain("unavailable: the receiver was away");
    expect(stdout).toContain("policySha256:");
  });

  it("stays open while it cannot be done", async () => {
    const id = await letter("notify");
    const ran = await bench.run(["dead-letters", "redrive", id]);
    expect(ran.stderr).toContain("answered 500");
    expect(ran.code).toBe(5);
    const shown = await bench.json(["dead-letters", "show", id]);
    expect(shown).toMatchObject({ status: "open", error: { code: "unavailable", attempts: 2 } });
    expect(shown["error"]).toMatchObject({
      message: expect.stringContaining("answered 500") as string,
      earlier: [{ code: "unavailable", message: "the receiver was away" }],
    });
    const { stdout } = await bench.run(["dead-letters", "show", id]);
    expect(stdout).toMatch(/tried +2 times/);
    expect(stdout).toMatch(/before .*the receiver was away/);
  });

  it("is done once, however often it is redriven", async () => {
    answer = 200;
    const id = await letter("notify");
    const before = received.length;
    expect(await bench.json(["dead-letters", "redrive", id])).toMatchObject({ already: false });
    expect(await bench.json(["dead-letters", "redrive", id])).toMatchObject({ already: true });
    expect(received.slice(before)).toEqual([
      expect.objectContaining({ id: `${rolloutId}/ended`, outcome: "aborted" }),
    ]);
    expect(await bench.json(["dead-letters", "show", id])).toMatchObject({
      status: "redriven",
      resolvedBy: "anna",
    });
  });

  it("of a webhook that was away is closed by a worker's sweep once it is back, and until then tried again", async () => {
    const notifications = {
      secret: (reference: string) => Promise.resolve(reference),
      permitted: () => readPermittedAddresses("127.0.0.1"),
    };
    const sweep = (everyMs: number) =>
      sweepDeadLetters(db, {
        signal: AbortSignal.timeout(30_000),
        log: () => undefined,
        everyMs,
        notifications,
      });
    await db.deleteFrom("dead_letters").execute();
    answer = 500;
    const id = await letter("notify");
    await letter("frobnicate");
    expect(await sweep(60_000)).toEqual([]);
    const { error } = await bench.json(["dead-letters", "show", id]);
    expect(error).toMatchObject({ message: "the receiver was away" });
    expect(await sweep(0)).toEqual([]);
    expect(await bench.json(["dead-letters", "show", id])).toMatchObject({ error: { attempts: 2 } });
    answer = 200;
    expect((await Promise.all([sweep(0), sweep(0)])).flat()).toEqual([id]);
    expect(await bench.json(["dead-letters", "show", id])).toMatchObject({
      status: "redriven",
      resolvedBy: "sweep",
    });
  });

  it("of a rollout that broke starts it again, and stays open while Temporal is away", async () => {
    const id = await letter("rollout:canary");
    // An operator ended it: nothing brings it back. One that broke by itself is started again.
    const refused = await bench.run(["dead-letters", "redrive", id]);
    expect(refused.stderr).toContain("has ended since: aborted");
    expect(refused.code).toBe(4);
    await db.updateTable("rollouts").set({ outcome: "failed" }).where("id", "=", rolloutId).execute();
    const env = { ...bench.env, TEMPORAL_ADDRESS: "127.0.0.1:1" };
    const away = await runSluice(["dead-letters", "redrive", id], { cwd: bench.folder, env });
    expect(away.code).toBe(5);
    expect(away.stderr.trim().split("\n")).toHaveLength(1);
    expect(await bench.json(["dead-letters", "show", id])).toMatchObject({ status: "open" });
    const done = await bench.json<{ rollout: { candidate: string; rolloutId: string } }>([
      "dead-letters",
      "redrive",
      id,
    ]);
    expect(done.rollout.candidate).toBe("support-reply@2");
    const running = await bench.json<{ rolloutId: string }[]>(["rollout", "list", "--running"]);
    expect(running.map((one) => one.rolloutId)).toEqual([done.rollout.rolloutId]);
    await bench.run(["rollout", "abort", "support-reply"]);
  });

  it("is discarded with a reason, and then not redriven", async () => {
    const id = await letter("rollout:promoting");
    const nameless = await bench.run(["dead-letters", "discard", id]);
    expect(nameless.code).toBe(2);
    await bench.json(["dead-letters", "discard", id, "--reason", "done by hand"]);
    const late = await bench.run(["dead-letters", "redrive", id]);
    expect(late.stderr).toContain("was discarded by anna: done by hand");
    expect(late.code).toBe(4);
    const actions = await bench.json<{ action: string }[]>(["audit", "support-reply"]);
    // What ran beside it may have been written down since.
    expect(actions).toContainEqual(
      expect.objectContaining({ action: "dead_letter_resolved", reason: "done by hand" }),
    );
  });

  it("of a kind that nobody knows is left for a person", async () => {
    const id = await letter("frobnicate");
    const ran = await bench.run(["dead-letters", "redrive", id]);
    expect(ran.stderr).toContain('operation "frobnicate", which this Sluice cannot redrive');
    expect(ran.code).toBe(2);
  });
});

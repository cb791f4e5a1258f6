import { setTimeout as delay } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { ListedDelivery } from "../../src/domain/shapes/delivering.ts";
import type { AuditLine } from "../../src/domain/shapes/audit.ts";
import { createResolver, type Resolver } from "../../src/resolver/index.ts";
import { createCommandBench, type CommandBench } from "../cli/command-bench.ts";
import { openServerDoor, type ServerDoor } from "../cli/doors.ts";
import { runSluice } from "../cli/run-sluice.ts";
import {
  type JobTokens,
  openJobTokens,
  openTokenIssuer,
  PUBLIC_URL,
  type TokenIssuer,
} from "../server/support/token-issuer.ts";
import { type ActionBench, createActionBench } from "./action-bench.ts";

const SETTINGS = `environments:
  staging:
    label: staging
    policy: { gate: { dataset: prompts/golden/support-reply.yaml, min_pass_rate: 0.9, max_regression: 1 } }
  production: { from: staging, live_for: 3s }
`;
const CANARY = `gate: { dataset: golden/support-reply.yaml, min_pass_rate: 0.9, max_regression: 1 }
metrics: { rating: { window: 1s }, error: { kind: rare, window: 1s } }
canary:
  stages: [{ share: 50% }]
  interval: 200ms
  min_units: 40
  max_units: 2000
  max_duration: 5m
  lease: 20s
  goal: { metric: rating, direction: higher, claim: superior }
  guardrails: [{ metric: error, direction: lower, tolerated_increase: 20pp }]
`;
const PROMPT = "prompts/support-reply.yaml";
const WORSE = "Guess freely from memory.";
/** Users who come at once. */
const WAVE = 40;

let bench: CommandBench;
let door: ServerDoor;
let issuer: TokenIssuer;
let action: ActionBench;
let service: Resolver;
/** Of a job on the main branch, and of a pull request's. */
let jobs: { readonly merged: JobTokens; readonly pullRequest: JobTokens };

beforeAll(async () => {
  [bench, issuer, action] = await Promise.all([
    createCommandBench({ temporal: true }),
    openTokenIssuer(),
    createActionBench({ "sluice.yaml": SETTINGS, "prompts/support-reply.rollout.yaml": CANARY }),
  ]);
  action.git("remote", "add", "origin", "git@git.example.org:acme/prompts.git");
  door = await openServerDoor(bench, {
    SLUICE_PUBLIC_URL: PUBLIC_URL,
    SLUICE_WORKLOAD_ISSUERS: `github=${issuer.issuer}`,
  });
  await door.run(
    `trust add deploy --platform github --issuer ${issuer.issuer} --id 7412 --role releaser`.split(" "),
  );
  jobs = {
    merged: await openJobTokens(issuer, PUBLIC_URL),
    pullRequest: await openJobTokens(issuer, PUBLIC_URL, {
      event_name: "pull_request",
      sub: "repo:octo/prompts:pull_request",
      ref: "refs/pull/7/merge",
    }),
  };
  const { key } = await bench.json<{ key: string }>("keys create --name service --role resolver".split(" "));
  service = await createResolver({ source: door.url.replace("//", `//${key}@`) });
});
afterAll(async () => {
  jobs.merged.close();
  jobs.pullRequest.close();
  await service.close();
  await door.close();
  await Promise.all([bench.close(), action.close(), issuer.close()]);
});

const inputs = () => ({ server: door.url });
const review = (id: number) =>
  action.run({ id, inputs: inputs(), env: { ...jobs.pullRequest.env, SLUICE_AUDIENCE: PUBLIC_URL } });
/** What the action does when the branch has been merged. */
async function merge(branch: string, id: number) {
  action.git("checkout", "-q", "main");
  action.git("merge", "-q", "--no-ff", "-m", `merge ${branch}`, branch);
  const env = { ...jobs.merged.env, SLUICE_AUDIENCE: PUBLIC_URL };
  const ran = await action.run({ id, eventName: "push", inputs: inputs(), env });
  expect(ran.code, ran.stdout + ran.stderr).toBe(0);
  return ran;
}
const sync = (...args: string[]) => runSluice(["sync", ...args], { cwd: action.folder, env: door.env });
const change = (wording: string, message: string) => {
  action.write(PROMPT, action.read(PROMPT).replace(/(of \{\{ product \}\}\.) .*/, `$1 ${wording}`));
  action.git("commit", "-qam", message);
};
async function delivery(): Promise<ListedDelivery> {
  const headers = { authorization: `Bearer ${door.key}` };
  const answer = await fetch(`${door.url}/v1/deliveries?prompt=support-reply&limit=1`, { headers });
  return ((await answer.json()) as { items: ListedDelivery[] }).items[0]!;
}
/** Users come until the newest delivery has ended; they like a later version better. */
async function untilDelivered(seen: Set<string>): Promise<ListedDelivery> {
  for (let user = 0; ;) {
    const now = await delivery();
    seen.add(`${now.state}: ${now.reason}`);
    if (now.endedAt !== null || user > 20_000) return now;
    const isCanary = now.environments.some(({ label, step }) => label === "production" && step === "running");
    for (let i = 0; isCanary && i < WAVE; i++) {
      const unit = `user-${user++}`;
      const prompt = await service.resolve({ prompt: "support-reply", unit });
      prompt.render({ product: "Lumen", question: "Refund?" });
      service.record(prompt, { metrics: { rating: (prompt.version ?? 0) + (user % 3), error: 0 } });
    }
    if (isCanary) await service.flush();
    else await delay(100);
  }
}
const served = async (label: string) =>
  (await bench.json<{ label: string; active: string }[]>(["pointers", "support-reply"])).find(
    (one) => one.label === label,
  )?.active;

describe("the whole way of a prompt that is kept in Git", () => {
  it("begins with its first version live everywhere, by a job that shows nothing but its own token", async () => {
    const ran = await merge("change", 1);
    expect(ran.outputs["started"]).toBe("1");
    expect(await untilDelivered(new Set())).toMatchObject({ state: "delivered", version: "support-reply@1" });
    const lines = await bench.json<AuditLine[]>(["audit", "support-reply"]);
    expect(lines.find(({ action: done }) => done === "version_pushed")).toMatchObject({
      principal: { kind: "workload", rule: "deploy" },
    });
  });

  it("is told of a worse case in the pull request, with what merging would do, and of the fix in the same place", async () => {
    action.git("checkout", "-q", "change");
    action.git("merge", "-q", "main");
    change(WORSE, "freely");
    const worse = await review(10);
    expect(worse.code, worse.stdout + worse.stderr).toBe(1);
    const [told] = action.github.comments;
    expect(told!.body).toContain("You can get a full refund within 90 days");
    expect(told!.body).toContain(`[in the dashboard](${door.url}/p/support-reply)`);
    expect(told!.body).toMatch(/\| staging \| a rollout would start: support-reply@.?1 /);
    expect(told!.body).toContain("waits until the new version has been live in staging for 3s");
    change("Be brief and friendly.", "friendly");
    const fixed = await review(11);
    expect(fixed.code, fixed.stdout + fixed.stderr).toBe(0);
    expect(action.github.comments).toHaveLength(1);
    expect(action.github.comments[0]).toMatchObject({ id: told!.id });
    expect(action.github.comments[0]!.body).not.toContain("within 90 days");
    expect(action.github.violations).toEqual([]);
  });

  it("goes to staging when it is merged, waits, and to production by a canary that users decide", async () => {
    expect((await merge("change", 12)).outputs["started"]).toBe("1");
    const seen = new Set<string>();
    expect(await untilDelivered(seen)).toMatchObject({ state: "delivered", version: "support-reply@2" });
    expect([...seen]).toContain("waiting: has to be live in staging for 3s before production");
    expect([...seen]).toContain("rolling_out: is being rolled out in production");
    expect([await served("staging"), await served("production")]).toEqual([
      "support-reply@2",
      "support-reply@2",
    ]);
    const [rollout] = await bench.json<object[]>(["rollout", "list"]);
    expect(rollout).toMatchObject({
      label: "production",
      candidate: "support-reply@2",
      outcome: "promoted",
      baseline: "support-reply@1",
    });
    expect((await sync("drift")).code).toBe(0);
  });

  it("comes back to Git when it was edited in the store, is reviewed, and leaves no drift", async () => {
    const edited = action.read(PROMPT).replace("friendly.", "friendly, and kind.");
    await bench.file("edited.yaml", edited.replace(/^policy: .*\n/m, ""));
    expect((await door.run(["push", "edited.yaml", "-m", "in the dashboard"])).code).toBe(0);
    const drift = await sync("drift");
    expect(drift.code).toBe(1);
    expect(drift.stdout).toContain("store ahead");
    const pulled = await sync("pull", "--branch", "from-the-store", "--commit");
    expect(pulled.code, pulled.stderr).toBe(0);
    expect(action.read(PROMPT)).toBe(edited);
    const reviewed = await review(20);
    expect(reviewed.code, reviewed.stdout + reviewed.stderr).toBe(0);
    expect(reviewed.outputs["changed"]).toBe("1");
    expect((await merge("from-the-store", 21)).outputs["started"]).toBe("1");
    expect(await untilDelivered(new Set())).toMatchObject({ state: "delivered", version: "support-reply@3" });
    const settled = await sync("drift");
    expect(settled.code, settled.stdout).toBe(0);
  });
});

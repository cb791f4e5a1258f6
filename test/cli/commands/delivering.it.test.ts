import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { ListedDelivery } from "../../../src/domain/shapes/delivering.ts";
import type { DriftReport, SyncApplied } from "../../../src/domain/shapes/syncing.ts";
import { createCommandBench, type CommandBench } from "../command-bench.ts";
import { openServerDoor, type ServerDoor } from "../doors.ts";
import { runSluice } from "../run-sluice.ts";

const WAITS_MS = 4_000;
const settings = (more = "", owner = "both") => `prompts: prompts/**/*.yaml
owner: ${owner}
policy: { gate: { dataset: always.golden.yaml } }
environments:
  staging: { label: staging${more} }
  production: { from: staging, live_for: 4s }
`;
const prompt = (name: string, says: string) =>
  `name: ${name}\nmodel: openai/gpt-5-mini\nvariables: { question: { type: string, required: true } }\nmessages:\n  - { role: system, content: "${says}" }\n  - { role: user, content: "{{ question }}" }\n`;
const NAMES = Array.from({ length: 6 }, (_, i) => `team/p${i}`);

let bench: CommandBench;
let door: ServerDoor;
let repository: string;

const write = (path: string, text: string) => {
  mkdirSync(dirname(join(repository, path)), { recursive: true });
  writeFileSync(join(repository, path), text);
};
const git = (...args: string[]) =>
  execFileSync("git", ["-c", "user.name=n", "-c", "user.email=n@example.org", ...args], {
    cwd: repository,
    encoding: "utf8",
  }).trim();
const commit = (message: string) => {
  git("add", ".");
  git("commit", "-qm", message);
  return git("rev-parse", "HEAD");
};
const run = (...args: string[]) => runSluice(args, { cwd: repository, env: bench.env });
const apply = async (...args: string[]) => {
  const ran = await run("sync", "apply", "--json", ...args);
  return { code: ran.code, stderr: ran.stderr, applied: JSON.parse(ran.stdout) as SyncApplied };
};
const deliveries = async (...args: string[]) =>
  (
    JSON.parse((await run("sync", "status", "--json", ...args)).stdout) as {
      deliveries: ListedDelivery[];
    }
  ).deliveries;
const drift = async () => {
  const { stdout, code } = await run("sync", "drift", "--json");
  const report = JSON.parse(stdout) as DriftReport;
  return { code, kinds: report.drift.map(({ kind, prompt: of, environment }) => [kind, of, environment]) };
};
async function until<T>(look: () => Promise<T>, wanted: (found: T) => boolean): Promise<T> {
  for (let attempt = 0; ; attempt++) {
    const found = await look();
    if (wanted(found)) return found;
    if (attempt > 150) throw new Error(`never as wanted: ${JSON.stringify(found)}`);
    await delay(200);
  }
}

beforeAll(async () => {
  bench = await createCommandBench({ temporal: true });
  repository = mkdtempSync(join(tmpdir(), "sluice-delivering-"));
  write("sluice.yaml", settings());
  write(
    "always.golden.yaml",
    '- vars: { question: "When can I get a refund?" }\n  assert: [{ type: javascript, value: "output.length > 0" }]\n',
  );
  for (const name of NAMES) write(`prompts/${name}.yaml`, prompt(name, `First of ${name}.`));
  git("init", "-q", "-b", "main");
  git("remote", "add", "origin", "git@git.example.org:acme/prompts.git");
  commit("prompts");
  door = await openServerDoor(bench);
});
afterAll(async () => {
  await door.close();
  await bench.close();
  rmSync(repository, { recursive: true, force: true });
});

describe("a commit on its way through the environments", () => {
  it("goes to staging at once, and to production by itself when its time is up", async () => {
    const { code, applied, stderr } = await apply();
    expect(code, stderr).toBe(0);
    expect(applied).toMatchObject({ repository: "git.example.org/acme/prompts", branch: "main" });
    expect(applied.started).toHaveLength(NAMES.length);
    const waiting = await until(deliveries, (all) => all.every(({ state }) => state === "waiting"));
    expect(waiting[0]!.reason).toBe("has to be live in staging for 4s before production");
    const done = await until(deliveries, (all) => all.every(({ state }) => state === "delivered"));
    for (const { environments } of done)
      expect(environments.map(({ environment, step }) => `${environment}: ${step}`)).toEqual([
        "staging: live",
        "production: live",
      ]);
    const rollouts = await bench.json<{ label: string; startedAt: string }[]>(["rollout", "list"]);
    expect(rollouts).toHaveLength(2 * NAMES.length);
    expect(await drift()).toEqual({ code: 0, kinds: [] });
    expect(WAITS_MS).toBe(4_000);
  });
});

import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { DriftReport, SyncApplied, SyncPlan } from "../../../src/domain/shapes/syncing.ts";
import { readRepositoryFile } from "../../../src/domain/sync/repository-file.ts";
import { codeBlocks } from "../../documentation/markdown.ts";
import { createCommandBench, type CommandBench } from "../command-bench.ts";
import { openServerDoor, type ServerDoor } from "../doors.ts";
import { runSluice } from "../run-sluice.ts";

const ENVIRONMENTS = `prompts: prompts/**/*.yaml
policy: { gate: { dataset: never.golden.yaml } }
environments:
  staging: { label: staging }
  production: { from: staging, live_for: 24h }
  acme: { label: production, from: staging, scopes: [{ tenant: acme }] }
`;
const prompt = (name: string, says: string, more = "") =>
  `name: ${name}\nmodel: openai/gpt-5-mini\nvariables: { question: { type: string, required: true } }\n${more}messages:\n  - { role: user, content: "${says} {{ question }}" }\n`;

let bench: CommandBench;
let door: ServerDoor;
let repository: string;

const write = (path: string, text: string) => {
  mkdirSync(dirname(join(repository, path)), { recursive: true });
  writeFileSync(join(repository, path), text);
};
const git = (...args: string[]) =>
  execFileSync("git", ["-c", "user.name=n", "-c", "user.email=n@example.org", ...args], { cwd: repository });
/** The page's commands, which are those of the tests below. */
const PAGE = "docs/reference/git.md";
const run = (...args: string[]) => runSluice(args, { cwd: repository, env: bench.env });
const plan = async (): Promise<SyncPlan> =>
  JSON.parse((await run("sync", "plan", "--json")).stdout) as SyncPlan;
const drift = async () => {
  const { stdout, code } = await run("sync", "drift", "--json");
  const report = JSON.parse(stdout) as DriftReport;
  return { code, kinds: report.drift.map(({ kind, prompt, environment }) => [kind, prompt, environment]) };
};
const steps = ({ prompts }: SyncPlan, name: string) =>
  prompts
    .find((one) => one.prompt === name)
    ?.environments.map(({ environment, step }) => `${environment}: ${step}`);
const serve = (version: string, label: string, revision: number, ...more: string[]) =>
  bench.json([
    ..."pointers set --force --reason by-hand --expected-revision".split(" "),
    String(revision),
    version,
    "--label",
    label,
    ...more,
  ]);

beforeAll(async () => {
  bench = await createCommandBench({ temporal: true });
  repository = mkdtempSync(join(tmpdir(), "sluice-sync-"));
  write("sluice.yaml", ENVIRONMENTS);
  write(
    "never.golden.yaml",
    '- vars: { question: "Well?" }\n  assert: [{ type: equals, value: "never said" }]\n',
  );
  write("prompts/greeting.yaml", prompt("greeting", "Good day."));
  write("prompts/shop/refund.yaml", prompt("shop/refund", "Refunds take 30 days."));
  write("prompts/refund.golden.yaml", "- vars: {}\n");
  write("prompts/golden/cases.yaml", "- vars: {}\n");
  git("init", "-q", "-b", "main");
  git("add", ".");
  git("commit", "-qm", "prompts");
  door = await openServerDoor(bench);
});
afterAll(async () => {
  await door.close();
  await bench.close();
  rmSync(repository, { recursive: true, force: true });
});

describe("sluice sync", () => {
  it("plans new prompts, and what waits for what, and touches nothing", async () => {
    const ran = await run("sync", "plan");
    expect(ran.code, ran.stderr).toBe(10);
    expect(ran.stdout).toContain("greeting: new prompt, 1.0.0 (prompts/greeting.yaml)");
    expect(ran.stdout).toContain("waits until the new version has been live in staging for 1d");
    expect(ran.stdout).toMatch(/2 prompts: 2 versions to make, 2 rollouts to start, 4 waiting\n$/);
    const planned = await plan();
    expect(planned.commit).toMatch(/^[0-9a-f]{40}$/);
    expect(planned).toMatchObject({ uncommitted: [], missing: [], problems: [] });
    expect(steps(planned, "shop/refund")).toEqual(["staging: start", "production: wait", "acme: wait"]);
    expect(await bench.json(["list"])).toEqual([]);
  });

  it("follows a version through the environments, and says the same over a server", async () => {
    expect((await run("push", "prompts")).code).toBe(0);
    expect(steps(await plan(), "greeting")).toEqual(["staging: start", "production: wait", "acme: wait"]);
    await serve("greeting@1", "staging", 0);
    // Live in staging, and not for a day yet: the environment without a waiting time is next.
    expect(steps(await plan(), "greeting")).toEqual(["staging: live", "production: wait", "acme: start"]);
    await serve("greeting@1", "production", 0, "--tenant", "acme");
    expect(await drift()).toEqual({ code: 1, kinds: [["git_ahead", "shop/refund", "staging"]] });
    for (const what of ["plan", "drift"]) {
      const here = await run("sync", what, "--json");
      expect(await runSluice(["sync", what, "--json"], { cwd: repository, env: door.env })).toEqual(here);
    }
    await serve("shop/refund@1", "staging", 0);
    await serve("shop/refund@1", "production", 0, "--tenant", "acme");
    const settled = await run("sync", "drift");
    expect(settled).toMatchObject({
      code: 0,
      stdout: "no drift: what is served is what Git says (2 prompts)\n",
    });
    expect((await run("sync", "plan")).code).toBe(0);
  });

  it("shows what an edit would change for users, with what the checks find", async () => {
    write(
      "prompts/greeting.yaml",
      prompt("greeting", "Good evening, and {{ hurry }}.").replace(
        "question: {",
        "hurry: { type: string, required: true }, question: {",
      ),
    );
    const ran = await run("sync", "plan");
    expect(ran.code, ran.stderr).toBe(10);
    expect(ran.stdout).toContain("not committed: prompts/greeting.yaml");
    expect(ran.stdout).toContain("greeting: new version, 2.0.0");
    expect(ran.stdout).toMatch(/- .*Good day\./);
    expect(ran.stdout).toMatch(/\+ .*Good evening/);
    expect(ran.stdout).toMatch(/warning: .*hurry/);
    expect(ran.stdout).toMatch(/2 prompts: 1 version to make, 1 rollout to start, 3 waiting\n$/);
    const { stdout } = await run("sync", "plan", "--markdown");
    expect(stdout).toContain(
      "| `greeting` | new version, 2.0.0 | staging | a rollout would start: greeting@\u200b1 -\\> the new version (gate 2 calls, about $0.001) |",
    );
    expect(stdout).toContain("```diff\n");
    git("commit", "-qam", "evening");
    expect((await drift()).kinds).toEqual([["git_ahead", "greeting", "staging"]]);
  });

  it("names what was made elsewhere, what has no file, and a branch that has gone back", async () => {
    await run("push", "prompts/greeting.yaml");
    await serve("greeting@2", "staging", 1);
    await serve("greeting@2", "production", 1, "--tenant", "acme");
    expect(await drift()).toEqual({ code: 0, kinds: [] });
    git("revert", "--no-edit", "HEAD");
    expect(steps(await plan(), "greeting")).toEqual(["staging: older", "production: wait", "acme: older"]);
    expect(await drift()).toEqual({
      code: 1,
      kinds: [
        ["store_ahead", "greeting", "staging"],
        ["store_ahead", "greeting", "acme"],
      ],
    });
    git("reset", "-q", "--hard", "HEAD~1");
    await bench.file("elsewhere.yaml", prompt("shop/refund", "Refunds take 60 days."));
    await bench.run(["push", "elsewhere.yaml"]);
    await bench.file("other.yaml", prompt("other", "Hello."));
    await bench.run(["push", "other.yaml"]);
    await serve("other@1", "production", 0);
    expect((await drift()).kinds).toEqual([
      ["store_ahead", "shop/refund", null],
      ["unknown", "other", "production"],
    ]);
    git("mv", "prompts/greeting.yaml", "prompts/welcome.yaml");
    write(
      "prompts/welcome.yaml",
      prompt("welcome", "Good evening, and {{ hurry }}.").replace(
        "question: {",
        "hurry: { type: string, required: true }, question: {",
      ),
    );
    expect((await plan()).missing).toEqual([
      {
        prompt: "greeting",
        live: ["staging", "production tenant=acme"].toSorted(),
        sameContentAs: "welcome",
      },
    ]);
    git("reset", "-q", "--hard");
    git("clean", "-qfd");
  });

  it("applies a commit once, however many runners do, and starts nothing but what is due", async () => {
    write("prompts/greeting.yaml", prompt("greeting", "Good night."));
    const dirty = await run("sync", "apply");
    expect(dirty.code).toBe(4);
    expect(dirty.stderr).toContain(
      "not committed: prompts/greeting.yaml; commit, or apply the files as they are",
    );
    git("commit", "-qam", "night");
    const runs = await Promise.all([1, 2, 3].map(() => run("sync", "apply", "--json")));
    const applied = runs.map(({ stdout }) => JSON.parse(stdout) as SyncApplied);
    expect(runs.map(({ code }) => code)).toEqual([0, 0, 0]);
    expect(
      new Set(applied.flatMap(({ started }) => started.map((one) => "rolloutId" in one && one.rolloutId)))
        .size,
    ).toBe(1);
    expect(
      applied.filter(({ started }) => started.some((one) => "joined" in one && !one.joined)),
    ).toHaveLength(1);
    expect(applied[0]).toMatchObject({ started: [{ version: "greeting@3", environment: "staging" }] });
    const rollouts = await bench.until<{ candidate: string; outcome: string | null }[]>(
      ["rollout", "list"],
      (all) => all.every(({ outcome }) => outcome !== null),
    );
    expect(rollouts).toMatchObject([{ candidate: "greeting@3", outcome: "rejected" }]);
    expect(steps(await plan(), "greeting")?.[0]).toBe("staging: refused");
    expect((await drift()).kinds).toContainEqual(["refused", "greeting", "staging"]);
    expect((await run("sync", "apply")).stdout).toMatch(/0 versions made, 0 rollouts started, 3 waiting\n$/);
  });

  it("plans the others when a file cannot be taken, and says which and why", async () => {
    write("prompts/broken.yaml", "name: broken\nmodel: openai/gpt-5-mini\nmesages: []\n");
    write("prompts/twice.yaml", prompt("greeting", "Again."));
    const ran = await run("sync", "plan");
    expect(ran.code).toBe(2);
    expect(ran.stdout).toMatch(/cannot be taken: prompts\/broken\.yaml:3:1: .*mesages/);
    expect(ran.stdout.replace(/\s+/g, " ")).toContain(
      'cannot be taken: prompts/twice.yaml: prompt "greeting" is also in prompts/greeting.yaml',
    );
    expect((await plan()).prompts.map(({ prompt: name }) => name)).toEqual(["greeting", "shop/refund"]);
    const applied = await run("sync", "apply", "--uncommitted");
    expect(applied.code).toBe(2);
    expect(applied.stderr).toContain(
      "and 1 more file; nothing was applied: sluice sync plan shows all of it",
    );
    git("clean", "-qfd");
  });

  it("pushes a policy that alone has changed, and starts nothing for it", async () => {
    const before = await bench.json<unknown[]>(["rollout", "list"]);
    const policy = "policy: { gate: { dataset: ../../never.golden.yaml, max_regression: 1 } }\n";
    write("prompts/shop/refund.yaml", prompt("shop/refund", "Refunds take 30 days.", policy));
    git("commit", "-qam", "a policy of its own");
    const planned = await run("sync", "plan");
    expect(planned.code).toBe(10);
    expect(planned.stdout.replace(/\s+/g, " ")).toMatch(
      /shop\/refund: .* the policy would be pushed; .*starts none/,
    );
    expect(planned.stdout).toContain("0 versions to make, 1 policy to push, 0 rollouts to start");
    const applied = await run("sync", "apply", "--json");
    expect(applied.code, applied.stderr).toBe(0);
    const { policies, versions, started } = JSON.parse(applied.stdout) as SyncApplied;
    expect({ policies, started, made: versions.filter(({ created }) => created) }).toEqual({
      policies: ["shop/refund"],
      started: [],
      made: [],
    });
    expect((await plan()).prompts.map(({ policyChanged }) => policyChanged)).toEqual([false, false]);
    expect(await bench.json<unknown[]>(["rollout", "list"])).toEqual(before);
    // And over a server the policy is the same one.
    const there = await runSluice(["sync", "plan"], { cwd: repository, env: door.env });
    expect(there.code, there.stdout).toBe(0);
  });

  it("in a runner's clone says what has no file by the commit before, and when that one is newer", async () => {
    git("rm", "-q", "--cached", "--ignore-unmatch", "sluice.lock");
    rmSync(join(repository, "sluice.lock"));
    git("rm", "-q", "prompts/greeting.yaml");
    git("commit", "-qm", "no greeting");
    const planned = await run("sync", "plan");
    expect(planned.stdout.replace(/\s+/g, " ")).toContain("greeting has no file any more, and is served: ");
    expect((await plan()).applied).toMatchObject({ branch: "main", order: "follows" });
    git("checkout", "-q", "--detach", "HEAD~2");
    const back = await run("sync", "plan");
    expect(back.stdout.replace(/\s+/g, " ")).toMatch(
      /commit [0-9a-f]{12} is older than [0-9a-f]{12}, which was applied: sync apply goes back only with --take-over/,
    );
    git("checkout", "-q", "-f", "main");
    // What moves would be held to is part of a plan, and no apply takes it from a file that is not committed.
    write("sluice.yaml", ENVIRONMENTS.replace("live_for: 24h", "live_for: 1h"));
    const eased = await run("sync", "plan");
    expect(eased.code).toBe(10);
    expect(eased.stdout.replace(/\s+/g, " ")).toContain(
      "a rule would change: production: takes what is live in staging for 1d -> takes what is live in staging for 1h",
    );
    expect((await run("sync", "apply")).stderr).toContain("not committed: sluice.yaml; commit");
    git("checkout", "-q", "sluice.yaml");
  });

  it("in a shallow clone leaves the order to dates, and without Git says that nothing goes on by itself", async () => {
    const above = mkdtempSync(join(tmpdir(), "sluice-clones-"));
    const [shallow, bare] = ["shallow", "bare"].map((name) => join(above, name, basename(repository)));
    execFileSync("git", ["clone", "-q", "--depth=1", `file://${repository}`, shallow!]);
    execFileSync("git", ["remote", "remove", "origin"], { cwd: shallow! });
    const ran = await runSluice(["sync", "plan", "--json"], { cwd: shallow!, env: bench.env });
    expect((JSON.parse(ran.stdout) as SyncPlan).applied).toMatchObject({ order: "unknown" });
    cpSync(shallow!, bare!, { recursive: true, filter: (path) => basename(path) !== ".git" });
    // Without Git a file reaches no further than its folder.
    writeFileSync(join(bare!, "prompts/shop/refund.yaml"), prompt("shop/refund", "Refunds take 30 days."));
    const applied = await runSluice(["sync", "apply"], { cwd: bare!, env: bench.env });
    expect(applied.code, applied.stderr).toBe(0);
    expect(applied.stdout).toMatch(/1 prompt: 0 versions made, 0 rollouts started/);
    rmSync(above, { recursive: true });
  });

  it("plans and applies a prompt that includes what another file of the same commit makes", async () => {
    const including = (number: number) =>
      `name: uses-style\nmodel: openai/gpt-5-mini\nmessages:\n  - { include: house-style@${number} }\n  - { role: user, content: "Hi." }\n`;
    for (const number of [1, 2]) {
      write("prompts/house-style.yaml", prompt("house-style", `Be brief, ${number}.`));
      write("prompts/uses-style.yaml", including(number));
      git("add", ".");
      git("commit", "-qm", `style ${number}`);
      const planned = await plan();
      expect(planned.problems).toEqual([]);
      const { sha256, version } = planned.prompts.find(({ prompt: name }) => name === "uses-style")!;
      expect(version).toBeNull();
      // The rollouts of the commit before may still run; the versions are made all the same.
      const { versions } = JSON.parse((await run("sync", "apply", "--json")).stdout) as SyncApplied;
      expect(versions).toContainEqual(
        expect.objectContaining({ prompt: "uses-style", version: number, created: true }),
      );
      const [made] = (
        await bench.json<{ version: number; sha256: string }[]>(["versions", "uses-style"])
      ).filter((one) => one.version === number);
      expect(made!.sha256).toBe(sha256);
    }
    write("prompts/uses-style.yaml", including(4));
    expect((await plan()).problems[0]!.message).toContain("house-style");
    git("checkout", "-q", "prompts");
  });

  it("pulls two prompts of one file, and makes no branch where there is nothing to pull", async () => {
    const entry = (name: string, says: string) =>
      `  - name: ${name} # as services ask\n    model: openai/gpt-5-mini\n    text: ${says}\n`;
    const both = (says: string) => `prompts:\n${entry("one", says)}${entry("two", says)}`;
    write("prompts/both.yaml", both("Here."));
    git("add", ".");
    git("commit", "-qm", "both");
    expect((await run("push", "prompts/both.yaml")).code).toBe(0);
    await bench.file("both.yaml", both("There."));
    expect((await bench.run(["push", "both.yaml"])).code).toBe(0);
    const pulled = await run("sync", "pull", "one", "two", "--branch", "back", "--commit");
    expect(pulled.code, pulled.stderr).toBe(0);
    expect(git("show", "HEAD:prompts/both.yaml").toString()).toBe(both("There."));
    const nothing = await run("sync", "pull", "one", "--branch", "again", "--commit");
    expect(nothing.stdout).toBe("0 versions pulled\n");
    expect(git("branch", "--format=%(refname:short)").toString()).not.toContain("again");
    expect((await run("sync", "pull", "nobodys")).stderr).toContain("no file holds nobodys");
    git("checkout", "-q", "-f", "main");
  });

  it("is what its page names", () => {
    const named = codeBlocks(PAGE)
      .filter(({ language }) => language === "sh")
      .map(({ text }) => text.trim());
    expect(named).toEqual([
      "sluice sync plan",
      "sluice sync apply",
      "sluice sync status",
      "sluice sync drift",
      "sluice sync drift --published",
      "sluice sync pull --branch from-the-dashboard --commit",
      'sluice sync forget support-reply --reason "it is kept in the dashboard from now on"',
      "sluice promote support-reply --from staging --to production --wait",
    ]);
    const [file] = codeBlocks(PAGE).filter(({ language }) => language === "yaml");
    expect(readRepositoryFile(file!.text, "sluice.yaml").environments).toHaveLength(2);
  });

  it("says what is wrong with sluice.yaml, or that there is none", async () => {
    const away = mkdtempSync(join(tmpdir(), "sluice-away-"));
    const none = await runSluice(["sync", "plan"], { cwd: away, env: bench.env });
    expect(none).toMatchObject({ code: 2, stdout: "" });
    expect(none.stderr).toContain("there is no sluice.yaml here or above; write one");
    writeFileSync(join(away, "sluice.yaml"), "promts: x\n");
    const wrong = await runSluice(["sync", "plan"], { cwd: away, env: bench.env });
    expect(wrong.stderr).toMatch(/sluice\.yaml:1:1: .*promts.*did you mean "?prompts/);
    writeFileSync(join(away, "sluice.yaml"), "server: https://prompts.example\n");
    mkdirSync(join(away, "prompts"));
    writeFileSync(join(away, "prompts/a.yaml"), prompt("a", "A."));
    const keyless = await runSluice(["sync", "plan"], { cwd: away });
    expect(keyless.stderr).toContain("set SLUICE_URL=https://prompts.example and SLUICE_KEY");
    rmSync(away, { recursive: true });
  });
});

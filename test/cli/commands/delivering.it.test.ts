import { randomUUID } from "node:crypto";
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { sql } from "kysely";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { ListedDelivery, PublishedManifest } from "../../../src/domain/shapes/delivering.ts";
import type { DriftReport, SeenDrifts, SyncApplied, SyncPlan } from "../../../src/domain/shapes/syncing.ts";
import { withDatabase } from "../../../src/storage/database.ts";
import { grantRoles, ROLE_KINDS } from "../../../src/storage/role-grants.ts";
import { createCommandBench, type CommandBench } from "../command-bench.ts";
import { openServerDoor, type ServerDoor } from "../doors.ts";
import { runSluice } from "../run-sluice.ts";

const settings = (more = "", owner = "both") => `prompts: prompts/**/*.yaml
owner: ${owner}
policy: { gate: { dataset: always.golden.yaml, max_regression: 1 } }
environments:
  staging: { label: staging${more} }
  production: { from: staging, live_for: 4s }
`;
const prompt = (name: string, says: string) =>
  `name: ${name}\n# Kept by hand.\nmodel: openai/gpt-5-mini\nvariables: { question: { type: string, required: true } }\nmessages:\n  - { role: system, content: "${says}" }\n  - { role: user, content: "{{ question }}" }\n`;
const CASES =
  '- vars: { question: "When can I get a refund?" }\n  assert: [{ type: javascript, value: "output.length > 0" }]\n';
const POLICY = ["--policy", "gate.rollout.yaml"];
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

const OPERATORS = `sluice_${randomUUID().slice(0, 8)}_`;

/** A login to the database that may do what an operator may. */
async function operatorLogin(): Promise<Readonly<Record<string, string>>> {
  await withDatabase(bench.env["DATABASE_URL"]!, async (db) => {
    await grantRoles(db, OPERATORS);
    await sql.raw(`alter role ${OPERATORS}operator password 'secret'`).execute(db);
  });
  const url = new URL(bench.env["DATABASE_URL"]!);
  [url.username, url.password] = [`${OPERATORS}operator`, "secret"];
  return { ...bench.env, DATABASE_URL: url.href };
}
const dropLogins = () =>
  withDatabase(bench.env["DATABASE_URL"]!, async (db) => {
    for (const kind of ROLE_KINDS)
      await sql.raw(`drop owned by ${OPERATORS}${kind}; drop role ${OPERATORS}${kind}`).execute(db);
  });

/** What an apply does first, and nothing after it. */
async function publishOnly(commitId: string) {
  const headers = { authorization: `Bearer ${door.key}`, "content-type": "application/json" };
  const listed = await fetch(`${door.url}/v1/manifests`, { headers });
  const { items: manifests } = (await listed.json()) as { items: PublishedManifest[] };
  const { revision, publishedAt: _, publishedBy: __, ...manifest } = manifests[0]!;
  const prompts = manifest.prompts.map((one) =>
    one.prompt === "team/p3" ? { ...one, sha256: "f".repeat(64) } : one,
  );
  const answer = await fetch(`${door.url}/v1/manifests`, {
    method: "PUT",
    headers,
    body: JSON.stringify({ ...manifest, prompts, commit: commitId, expectedRevision: revision }),
  });
  expect(answer.status, await answer.text()).toBe(200);
}

beforeAll(async () => {
  const env = (folder: string) => ({ SLUICE_BUNDLES: `file:${folder}/kept.json?prefix=team/` });
  bench = await createCommandBench({ temporal: true, env });
  repository = mkdtempSync(join(tmpdir(), "sluice-delivering-"));
  write("sluice.yaml", settings());
  write("always.golden.yaml", CASES);
  await bench.file("always.golden.yaml", CASES);
  await bench.file("gate.rollout.yaml", "gate: { dataset: always.golden.yaml, max_regression: 1 }\n");
  for (const name of NAMES) write(`prompts/${name}.yaml`, prompt(name, `First of ${name}.`));
  git("init", "-q", "-b", "main");
  git("remote", "add", "origin", "git@git.example.org:acme/prompts.git");
  commit("prompts");
  door = await openServerDoor(bench);
});
afterAll(async () => {
  await door.close();
  await dropLogins();
  await bench.close();
  rmSync(repository, { recursive: true, force: true });
});

const changed = (name: string, says: string) => write(`prompts/${name}.yaml`, prompt(name, says));
const stateOf = async (name: string, ...args: string[]) =>
  (await deliveries(...args)).find((one) => one.prompt === name)?.state;
const delivered = (...names: string[]) =>
  until(
    () => deliveries(),
    (all) => names.every((name) => all.find((one) => one.prompt === name)?.state === "delivered"),
  );
interface Pointer {
  readonly label: string;
  readonly tenant: string | null;
  readonly active: string;
  readonly revision: number;
}
const pointer = async (name: string, label: string) =>
  (await bench.json<readonly Pointer[]>(["pointers", name])).find((one) => one.label === label);
const byHand = async (version: string, label: string, ...more: string[]) => {
  const { revision = 0 } = (await pointer(version.split("@")[0]!, label)) ?? {};
  const args = ["pointers", "set", version, "--label", label, "--expected-revision", String(revision)];
  return bench.run([...args, "--reason", "the queue is on fire", "--force", ...more]);
};

describe("a commit on its way through the environments", () => {
  it("goes to staging at once, and to production by itself when its time is up", async () => {
    const { code, applied, stderr } = await apply();
    expect(code, stderr).toBe(0);
    expect(applied).toMatchObject({ repository: "git.example.org/acme/prompts", branch: "main" });
    expect(applied.started).toHaveLength(NAMES.length);
    const waiting = await until(deliveries, (all) => all.some(({ state }) => state === "waiting"));
    expect(waiting.find(({ state }) => state === "waiting")!.reason).toBe(
      "has to be live in staging for 4s before production",
    );
    const done = await delivered(...NAMES);
    for (const { environments } of done)
      expect(environments.map(({ environment, step }) => `${environment}: ${step}`)).toEqual([
        "staging: live",
        "production: live",
      ]);
    expect(await bench.json<unknown[]>(["rollout", "list"])).toHaveLength(2 * NAMES.length);
    expect(await drift()).toEqual({ code: 0, kinds: [] });
    // The bench's worker keeps a bundle of what is live in production.
    const kept = await until(
      () => readFile(join(bench.folder, "kept.json"), "utf8").catch(() => ""),
      (text) => NAMES.every((name) => text.includes(`"First of ${name}."`)),
    );
    expect(kept).not.toContain("staging");
  });

  it("starts three rollouts for three changes, however many runners apply it at once, over a server and as operators of the database", async () => {
    for (const name of NAMES.slice(0, 3)) changed(name, "Second.");
    commit("three changes");
    const envs = [bench.env, door.env, await operatorLogin()];
    const runs = await Promise.all(
      Array.from({ length: 10 }, (_, i) =>
        runSluice(["sync", "apply", "--json"], { cwd: repository, env: envs[i % 3]! }),
      ),
    );
    expect(runs.map(({ code, stderr }) => ({ code, stderr: code === 0 ? "" : stderr }))).toEqual(
      runs.map(() => ({ code: 0, stderr: "" })),
    );
    const applied = runs.map(({ stdout }) => JSON.parse(stdout) as SyncApplied);
    const started = applied.flatMap(({ started: some }) =>
      some.flatMap((one) => ("rolloutId" in one && one.environment === "staging" ? [one.rolloutId] : [])),
    );
    expect(new Set(started).size).toBe(3);
    await delivered(...NAMES.slice(0, 3));
    // Page by page they are the same as all at once.
    const paged: string[] = [];
    for (let next: string | null = ""; next !== null;) {
      const cursor: string = next === "" ? "" : `&cursor=${next}`;
      const headers = { authorization: `Bearer ${door.key}` };
      const page = (await (
        await fetch(`${door.url}/v1/deliveries?limit=2${cursor}`, { headers })
      ).json()) as {
        items: ListedDelivery[];
        next: string | null;
      };
      paged.push(...page.items.map(({ deliveryId }) => deliveryId));
      next = page.next;
    }
    expect(paged).toHaveLength(NAMES.length + 3);
    expect(new Set(paged).size).toBe(paged.length);
    const rollouts = await bench.json<{ candidate: string }[]>(["rollout", "list", "--limit", "100"]);
    expect(rollouts.filter(({ candidate }) => candidate.endsWith("@2"))).toHaveLength(6);
  });

  it("is held to by the database: nothing is made live before its time, but in an emergency or by a rollback", async () => {
    await bench.file("p0.yaml", prompt("team/p0", "By hand."));
    expect((await bench.run(["push", "p0.yaml"])).code).toBe(0);
    const refused = await byHand("team/p0@3", "production");
    expect(refused.code).toBe(4);
    expect(refused.stderr).toContain(
      "production takes only what is live in staging first, and team/p0@3 is not. In an emergency: --emergency",
    );
    const started = await bench.run(["rollout", "start", "team/p0@3", ...POLICY]);
    expect(started.stderr).toContain("production takes only what is live in staging first");
    // A scope that sluice.yaml does not name is no way around it.
    const narrower = await bench.run(
      "pointers set team/p0@3 --label production --tenant acme --expected-revision 0 --force --reason r".split(
        " ",
      ),
    );
    expect(narrower.stderr).toContain("production takes only what is live in staging first");
    // Nor is the table itself, for whoever may write it.
    const client = new pg.Client(bench.env["DATABASE_URL"]);
    await client.connect();
    const unseen = client.query(`
      with v as (select id from sluice.versions where prompt = 'team/p0' and number = 3), entry as (
        insert into sluice.audit (prompt, seq, at, actor, action, label, model, tenant, revision, to_version, previous_hash, hash)
        select 'team/p0', 0, now(), '', 'pointer_set', p.label, p.model, p.tenant, p.revision + 1, v.id, '', ''
        from sluice.pointers p, v where p.prompt = 'team/p0' and p.label = 'production')
      update sluice.pointers p set active_version = v.id, revision = revision + 1 from v
      where p.prompt = 'team/p0' and p.label = 'production'`);
    await expect(unseen).rejects.toThrow(
      /sluice\.pointers: production takes only what is live in staging first/,
    );
    await client.end();
    expect((await byHand("team/p0@3", "production", "--emergency")).code).toBe(0);
    const [entry] = (await bench.json<{ details?: object; reason: string }[]>(["audit", "team/p0"])).slice(
      -1,
    );
    expect(entry).toMatchObject({ reason: "the queue is on fire" });
    expect((await drift()).kinds).toContainEqual(["store_ahead", "team/p0", "production"]);
    const back = await bench.run(["rollback", "team/p0", "--reason", "back"]);
    expect(back.code, back.stderr).toBe(0);
    expect(await pointer("team/p0", "production")).toMatchObject({ active: "team/p0@2" });
  });

  it("gives way to a later commit, refuses an older one and a rewritten branch, and goes back when asked", async () => {
    const first = git("rev-parse", "HEAD");
    write("sluice.yaml", settings().replace("live_for: 4s", "live_for: 1h"));
    changed("team/p5", "Second.");
    const slow = commit("an hour in staging");
    expect((await apply()).code).toBe(0);
    await until(
      () => stateOf("team/p5"),
      (state) => state === "waiting",
    );
    changed("team/p5", "Third.");
    const newer = commit("third");
    expect((await apply()).code).toBe(0);
    await until(
      () => stateOf("team/p5", "--commit", slow),
      (state) => state === "replaced",
    );
    git("checkout", "-q", "-f", "--detach", slow);
    const older = await run("sync", "apply", "--branch", "main");
    expect(older.code).toBe(4);
    expect(older.stderr).toContain(`commit ${slow.slice(0, 12)} is older than ${newer.slice(0, 12)}`);
    expect((await run("sync", "apply")).stderr).toContain("no branch is checked out here");
    git("checkout", "-q", "-f", "main");
    git("reset", "-q", "--hard", first);
    changed("team/p4", "Rewritten.");
    commit("rewritten");
    const rewritten = await run("sync", "apply");
    expect(rewritten.code).toBe(4);
    expect(rewritten.stderr).toContain("the branch was rewritten (force push)");
    expect((await run("sync", "apply", "--branch", "other", "--take-over")).code).toBe(0);
    expect((await run("sync", "apply")).stderr).toContain("is applied from branch other");
    expect((await run("sync", "apply", "--take-over")).code).toBe(0);
    // What is newer than the branch says is taken back, because that was asked for.
    await until(
      () => pointer("team/p5", "staging"),
      (now) => now?.active === "team/p5@1",
    );
  });

  it("follows to the last environment, and ends with the code of what stops it", async () => {
    changed("team/p3", "Second.");
    // Made on a machine whose clock is behind: Git knows all the same that it follows.
    const early = { ...process.env, GIT_COMMITTER_DATE: "2020-01-01T00:00:00Z" };
    git("add", ".");
    execFileSync(
      "git",
      ["-c", "user.name=n", "-c", "user.email=n@example.org", "commit", "-qm", "second of p3"],
      {
        cwd: repository,
        env: early,
      },
    );
    const followed = await run("sync", "apply", "--wait=end");
    expect(followed.code, followed.stderr).toBe(0);
    expect(await pointer("team/p3", "production")).toMatchObject({ active: "team/p3@2" });
    // What an operator has taken back is not started again.
    expect((await bench.run(["rollback", "team/p3", "--reason", "worse", "--label", "staging"])).code).toBe(
      0,
    );
    const again = await run("sync", "apply", "--json");
    expect((JSON.parse(again.stdout) as SyncApplied).started).toEqual([]);
    expect((await drift()).kinds).toContainEqual(["refused", "team/p3", "staging"]);
    const retried = await run("sync", "apply", "--again", "--wait");
    expect(retried.code, retried.stderr + retried.stdout).toBe(0);
    expect(await pointer("team/p3", "staging")).toMatchObject({ active: "team/p3@2" });
  });

  it("with owner: git nothing else is saved, rolled out or made live, and the way out says why", async () => {
    write("sluice.yaml", settings("", "git"));
    commit("Git alone");
    expect((await apply()).code).toBe(0);
    await bench.file("p1.yaml", prompt("team/p1", "In the dashboard."));
    for (const env of [bench.env, door.env]) {
      const saved = await runSluice(["push", "p1.yaml"], { cwd: bench.folder, env });
      expect(saved.code).toBe(4);
      expect(saved.stderr).toMatch(
        /team\/p1 belongs to the repository git\.example\.org\/acme\/prompts \(owner: git\), whose prompts\/team\/p1\.yaml says something else.*--emergency/,
      );
    }
    const moved = await byHand("team/p1@1", "staging");
    expect(moved.stderr).toContain("belongs to the repository");
    const rolled = await bench.run(["rollout", "start", "team/p1@1", "--label", "staging", ...POLICY]);
    expect(rolled.stderr).toContain("belongs to the repository");
    expect((await bench.run(["push", "p1.yaml", "--emergency", "users are hurt"])).code).toBe(0);
    const lines = await bench.json<{ action: string; details?: unknown }[]>(["audit", "team/p1"]);
    expect(lines.at(-1)).toMatchObject({ action: "version_pushed" });
    const back = await bench.run(["rollback", "team/p1", "--reason", "never refused"]);
    expect(back.code, back.stderr).toBe(0);
  });

  it("finds every kind of drift by itself, names it, tells it, and forgets it when it is mended", async () => {
    const seen = async () => {
      const { stdout } = await run("sync", "drift", "--published", "--json");
      return (JSON.parse(stdout) as SeenDrifts).drift.map(
        ({ kind, prompt: of, environment }) => `${kind} ${of} ${environment}`,
      );
    };
    write("sluice.yaml", settings());
    commit("both again");
    expect((await apply("--again")).code).toBe(0);
    await delivered("team/p1");
    await until(seen, (found) => !found.includes("refused team/p1 production"));
    await bench.file("stranger.yaml", prompt("stranger", "Nobody's."));
    await bench.run(["push", "stranger.yaml"]);
    expect((await byHand("stranger@1", "staging")).code).toBe(0);
    expect((await bench.run(["rollback", "team/p2", "--label", "staging", "--reason", "worse"])).code).toBe(
      0,
    );
    await bench.file("p4.yaml", prompt("team/p4", "By hand."));
    await bench.run(["push", "p4.yaml"]);
    const { version } = (await bench.json<{ version: number }[]>(["versions", "team/p4"])).at(-1)!;
    expect((await byHand(`team/p4@${version}`, "staging")).code).toBe(0);
    // Published, and nothing was delivered: an apply that died in between.
    changed("team/p3", "Fourth.");
    const half = commit("half applied");
    await publishOnly(half);
    const planted = [
      "git_ahead team/p3 staging",
      "refused team/p2 staging",
      // Saved in emergencies, and by a branch that has gone back: in no file.
      "store_ahead team/p0 null",
      "store_ahead team/p1 null",
      "store_ahead team/p4 staging",
      "store_ahead team/p5 null",
      "unknown stranger staging",
    ];
    const found = await until(seen, (now) => planted.every((one) => now.includes(one)));
    expect(found.toSorted()).toEqual(planted);
    const overview = await fetch(`${door.url}/v1/overview`, {
      headers: { authorization: `Bearer ${door.key}` },
    });
    const home = (await overview.json()) as { drift: number; wanted: { kind: string; text: string }[] };
    expect(home.drift).toBe(planted.length);
    expect(home.wanted.filter(({ kind }) => kind === "drift").map(({ text }) => text)).toContainEqual(
      expect.stringContaining("What users get is not what Git says: staging: stranger@1 is served"),
    );
    expect((await run("sync", "drift", "--published")).code).toBe(1);
    const pulled = await run("sync", "pull", "--branch", "from-the-store", "--commit");
    // What was edited here, and is no version yet, is not pulled over.
    expect(pulled.code, pulled.stderr).toBe(4);
    expect(pulled.stdout).toContain("prompts/team/p3.yaml: what it says is no version of team/p3 yet");
    expect(pulled.stdout).toContain("5 versions pulled on branch from-the-store, commit ");
    expect(git("show", "HEAD:prompts/team/p1.yaml")).toMatch(/# Kept by hand\.\n[\s\S]*In the dashboard\./);
    expect(git("show", "HEAD:prompts/stranger.yaml")).toContain("Nobody's.");
    git("checkout", "-q", "-f", "main");
    git("merge", "-q", "from-the-store");
    const mended = await apply("--again");
    expect(mended.code, mended.stderr).toBe(0);
    expect(await until(seen, (now) => now.length === 0)).toEqual([]);
    expect((await run("sync", "drift", "--published")).code).toBe(0);
  });

  it("that is forgotten decides no more: on a prompt until a commit has its file again, or on none at all", async () => {
    write("sluice.yaml", settings("", "git"));
    commit("Git alone again");
    expect((await apply()).code).toBe(0);
    const save = async (says: string) => {
      await bench.file("p2.yaml", prompt("team/p2", says));
      return (await bench.run(["push", "p2.yaml"])).code;
    };
    expect(await save("Elsewhere.")).toBe(4);
    const forget = (...args: string[]) =>
      runSluice(["sync", "forget", ...args, "--reason", "it moved"], { cwd: bench.folder, env: door.env });
    expect((await forget("team/p2", "stranger-yet")).stderr).toContain(
      "no published commit has stranger-yet",
    );
    expect((await forget("team/p2")).stdout).toContain(
      "git.example.org/acme/prompts decides no more on team/p2",
    );
    expect(await save("Elsewhere.")).toBe(0);
    expect((await apply()).code).toBe(0);
    expect(await save("Elsewhere again.")).toBe(4);
    expect((await forget("--repository", "git.example.org/acme/prompts")).code).toBe(0);
    expect(await save("Elsewhere again.")).toBe(0);
    const { version } = (await bench.json<{ version: number }[]>(["versions", "team/p2"])).at(-1)!;
    expect((await byHand(`team/p2@${version}`, "production")).code).toBe(0);
    expect((await run("sync", "status")).stderr).toContain(
      "no commit of git.example.org/acme/prompts was applied",
    );
    const [entry] = (await bench.json<{ action: string }[]>(["audit", "--limit", "20"])).filter(
      ({ action }) => action === "manifest_forgotten",
    );
    expect(entry).toMatchObject({ reason: "it moved" });
  });

  it("waits for what a label itself asks, which a plan says, and goes on by itself", async () => {
    write("sluice.yaml", settings().replace("{ from: staging, live_for: 4s }", "{}"));
    changed("team/p4", "Ordered.");
    commit("production has an order of its own");
    const order = await bench.run(["labels", "set", "production", "--from", "staging", "--live-for", "3s"]);
    expect(order.code, order.stderr).toBe(0);
    for (const env of [bench.env, door.env]) {
      const ran = await runSluice(["sync", "plan", "--json"], { cwd: repository, env });
      const { prompts } = JSON.parse(ran.stdout) as SyncPlan;
      expect(prompts.find(({ prompt: name }) => name === "team/p4")!.environments).toMatchObject([
        { environment: "staging", step: "start" },
        { environment: "production", step: "wait", from: "staging", liveForMs: 3_000 },
      ]);
    }
    const { applied, code } = await apply();
    expect(code).toBe(0);
    expect(applied.started.filter(({ version }) => version.startsWith("team/p4@"))).toMatchObject([
      { environment: "staging" },
    ]);
    await delivered("team/p4");
    expect((await bench.run(["labels", "set", "production", "--from-anywhere"])).code).toBe(0);
  });

  it("is done by hand for one prompt: exactly what is live at one label is rolled out at another", async () => {
    const push = async (says: string) => {
      await bench.file("p5.yaml", prompt("team/p5", says));
      await bench.run(["push", "p5.yaml"]);
      return (await bench.json<{ version: number }[]>(["versions", "team/p5"])).at(-1)!.version;
    };
    const tried = await push("Tried.");
    expect((await byHand(`team/p5@${tried}`, "beta")).code).toBe(0);
    expect(await push("Newer, and live nowhere.")).toBe(tried + 1);
    const promote = (...args: string[]) => bench.run(["promote", "team/p5", ...args, ...POLICY]);
    const promoted = await promote("--from", "beta", "--to", "production", "--wait=end");
    expect(promoted.code, promoted.stderr).toBe(0);
    expect(await pointer("team/p5", "production")).toMatchObject({ active: `team/p5@${tried}` });
    const nothing = await promote("--from", "gamma", "--to", "production");
    expect(nothing).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("nothing of team/p5 is live at gamma"),
    });
    expect((await promote("--from", "beta", "--to", "beta")).stderr).toContain("name two labels");
  });
});

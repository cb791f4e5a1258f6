import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { Review } from "../../../src/domain/shapes/reviewing.ts";
import { type ActionBench, createActionBench } from "../../action/action-bench.ts";
import { GITLAB_TOKEN, startGitLabStandIn } from "../../support/gitlab-stand-in.ts";
import { runSluice } from "../run-sluice.ts";

let bench: ActionBench;
let first: string;
beforeAll(async () => {
  bench = await createActionBench();
  first = bench.read(bench.prompt);
});
afterAll(() => bench.close());

const run = (args: readonly string[] = [], env: Readonly<Record<string, string>> = {}, cwd = bench.folder) =>
  runSluice(["sync", "review", "--base", "main", ...args], { cwd, env: { ...bench.modelEnv, ...env } });
const review = async (...args: string[]): Promise<Review> => {
  const ran = await run([...args, "--json"]);
  expect(ran.stdout, ran.stderr).toContain('"verdict"');
  return JSON.parse(ran.stdout) as Review;
};
const commit = (message: string) => {
  bench.git("add", ".");
  bench.git("commit", "-qm", message);
};
afterEach(() => {
  bench.git("reset", "-q", "--hard", "main");
  bench.git("clean", "-fdq");
});
const WORSE = "Guess freely from memory.";

describe("sluice sync review", () => {
  it("reviews what differs from the base, and nothing else", async () => {
    expect(await review()).toMatchObject({ verdict: "unchanged", prompts: [] });
    bench.write("README.md", "a shop");
    bench.write("prompts/other.rollout.yaml", "gate: { dataset: golden/other.yaml }\n");
    expect((await review()).verdict).toBe("unchanged");
    // Every prompt, where that is asked for; the base's own text against itself.
    expect(await review("--all")).toMatchObject({ verdict: "insufficient", prompts: [{ diff: null }] });
    // Its cases alone, and not committed.
    const golden = "prompts/golden/support-reply.yaml";
    bench.write(
      golden,
      `${bench.read(golden)}- vars: { product: L, question: "Refund?" }\n  assert: [{ type: equals, value: never }]\n`,
    );
    const changed = await review();
    expect(changed.prompts).toMatchObject([
      { prompt: "support-reply", line: 1, diff: null, gate: { cases: 7 } },
    ]);
    expect(changed.prompts[0]!.gate!.otherFailures).toEqual([expect.stringContaining("case 7")]);
  });

  it("of a file of several prompts reviews those that differ, each at its own line", async () => {
    const entry = (name: string, says: string) =>
      `  - name: ${name}\n    model: openai/gpt-5-mini\n    text: ${says}\n`;
    const path = "prompts/several.yaml";
    bench.write(path, `prompts:\n${["a", "b", "c"].map((name) => entry(name, "Hello.")).join("")}`);
    commit("several");
    bench.write(
      path,
      bench
        .read(path)
        .replace(/Hello\.\n$/, "Bye.\n")
        .replace("prompts:", "# Ours.\nprompts:"),
    );
    const ran = await runSluice(["sync", "review", "--base", "HEAD", "--json"], { cwd: bench.folder });
    expect((JSON.parse(ran.stdout) as Review).prompts).toMatchObject([{ prompt: "c", path, line: 11 }]);
  });

  it("compares a renamed file with what it was, and holds a new prompt to its pass rate alone", async () => {
    bench.git("mv", bench.prompt, "prompts/answers.yaml");
    bench.write("prompts/answers.yaml", first.replace("Be brief.", WORSE));
    bench.write("prompts/greeting.yaml", first.replace("name: support-reply", "name: greeting"));
    bench.write(
      "prompts/bare.yaml",
      "name: bare\nmodel: openai/gpt-5-mini\nmessages: [{ role: user, content: hi }]\n",
    );
    commit("renamed");
    const { prompts, verdict } = await review();
    expect(verdict).toBe("fail");
    expect(prompts).toMatchObject([
      { prompt: "bare", gate: null, skipped: expect.stringContaining("no test cases") },
      { prompt: "greeting", baseline: null, diff: null, gate: { verdict: "pass", baselinePassRate: null } },
      {
        prompt: "support-reply",
        path: "prompts/answers.yaml",
        gate: { verdict: "fail", baselinePassRate: 1 },
      },
    ]);
    expect(prompts[2]!.diff!.changes.map(({ part }) => part)).toEqual(["messages[0]"]);
  });

  it("spends no more than it may on all of them, and takes the repository's policy where a prompt has none", async () => {
    bench.write(
      "sluice.yaml",
      `${bench.read("sluice.yaml")}policy: { gate: { dataset: prompts/golden/support-reply.yaml, min_pass_rate: 0.9 } }\n`,
    );
    bench.write(
      "prompts/a.yaml",
      first.replace("name: support-reply", "name: a").replace(/^policy: .*$/m, ""),
    );
    bench.write(
      "prompts/b.yaml",
      first.replace("name: support-reply", "name: b").replace(/^policy: .*$/m, ""),
    );
    expect((await review()).prompts.map(({ gate }) => gate?.verdict)).toEqual(["pass", "pass"]);
    const capped = await review("--max-cost", "0.0009");
    expect(capped.costUsd).toBeLessThanOrEqual(0.0009);
    expect(capped.verdict).toBe("insufficient");
    expect((await run(["--max-cost", "0.0009", "--fail-on", "insufficient"])).code).toBe(3);
    expect((await run(["--max-cost", "0.0009"])).code).toBe(0);
  });

  it("says what would happen in a store that is down, and keeps no verdict back for it", async () => {
    bench.write(bench.prompt, first.replace("Be brief.", WORSE));
    const ran = await run([], { DATABASE_URL: "postgres://127.0.0.1:1/nothing" });
    expect(ran.stdout).toMatch(/support-reply: fails the gate: 50 % pass, 100 % of the base/);
    expect(ran.stdout).toMatch(/what merging would do is not known: .*ECONNREFUSED/);
    expect(ran.code).toBe(1);
  });

  it("fetches the base that a shallow clone lacks, and says what it cannot compare with", async () => {
    bench.write(bench.prompt, first.replace("Be brief.", WORSE));
    commit("worse");
    const clone = join(bench.folder, "../clone");
    execFileSync("git", ["clone", "-q", "--depth=1", "--branch=change", `file://${bench.folder}`, clone]);
    const ran = await run([], {}, clone);
    expect(ran.stdout, ran.stderr).toContain("100 % of the base");
    for (const [args, said] of [
      [["--base", "nowhere"], "nowhere is no commit of this repository, and cannot be fetched"],
      [["--base=-x"], "--base -x is no commit"],
      [["--fail-on", "worse"], '--fail-on takes fail (the default) or insufficient, not "worse"'],
      [["--publish"], "--publish tells the pull request of a job of GitHub Actions or GitLab CI"],
      [["--file", "no.yaml"], "no.yaml cannot be read"],
    ] as const) {
      const wrong = await run(args);
      expect(wrong.stderr).toContain(said);
      expect(wrong.code).toBe(2);
    }
  });

  it("keeps one note of a merge request at GitLab, beside those of others", async () => {
    const gitlab = await startGitLabStandIn();
    const marked = "<!-- sluice review of sluice.yaml, run 1.1 -->";
    for (let id = 1; id <= 110; id++) gitlab.notes.push({ id, body: marked, author: { id: 9 } });
    bench.write(bench.prompt, first.replace("Be brief.", WORSE));
    commit("worse");
    const job = (pipeline: string, token = GITLAB_TOKEN) =>
      run(["--publish"], {
        GITLAB_CI: "true",
        CI_API_V4_URL: gitlab.url,
        CI_PROJECT_ID: "42",
        CI_MERGE_REQUEST_IID: "7",
        CI_MERGE_REQUEST_DIFF_BASE_SHA: bench.git("rev-parse", "main"),
        CI_PIPELINE_ID: pipeline,
        CI_JOB_ID: "1",
        GITLAB_TOKEN: token,
      });
    expect((await job("70")).stdout).toContain("comment created: in the merge request");
    expect((await job("71")).stdout).toContain("comment updated");
    expect(gitlab.notes).toHaveLength(111);
    expect(gitlab.notes.at(-1)!.body).toMatch(/, run 71\.1 -->\n## Prompts: ❌/);
    const refused = await job("72", "another");
    expect(refused.stderr).toMatch(/no comment was written: GitLab answered 401/);
    expect(refused.code).toBe(1);
    await gitlab.close();
  });
});

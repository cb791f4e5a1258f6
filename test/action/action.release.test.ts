import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { REPOSITORY, TOKENS } from "../support/github-stand-in.ts";
import { type ActionBench, createActionBench } from "./action-bench.ts";

let bench: ActionBench;
let first: string;
beforeAll(async () => {
  bench = await createActionBench();
  first = bench.read(bench.prompt);
});
afterAll(() => bench.close());

const WORSE = "Guess freely from memory.";
const change = (text: string, message: string, ...more: string[]) => {
  bench.write(bench.prompt, text);
  bench.git("commit", "-qa", "-m", message, ...more);
};
const firstLine = (text: string) => text.split("\n", 1)[0];
const forget = () => {
  bench.github.comments.splice(0);
  bench.github.checks.splice(0);
  bench.github.requests.splice(0);
};

describe("the action, run as GitHub runs it", () => {
  it("tells the first pull request of a repository what got worse, with both answers, at its line", async () => {
    change(first.replace("Be brief.", WORSE), "freely");
    const ran = await bench.run({ id: 100 });
    expect(ran.code, ran.stdout + ran.stderr).toBe(1);
    const { comments, checks } = bench.github;
    expect(comments).toHaveLength(1);
    expect(firstLine(comments[0]!.body)).toBe("<!-- sluice review of sluice.yaml, run 100.1 -->");
    expect(comments[0]!.body).toContain("| ❌ | `support-reply` | 50 % | 100 % |");
    expect(comments[0]!.body).toContain(
      "You can get a full refund within 30 days of the purchase. | You can get a full refund within 90 days",
    );
    expect(comments[0]!.body).toContain(`+ You answer questions of customers of {{ product }}. ${WORSE}`);
    expect(checks).toHaveLength(1);
    expect(checks[0]).toMatchObject({
      name: "Sluice",
      conclusion: "failure",
      head_sha: bench.git("rev-parse", "HEAD"),
      output: { annotations: [{ path: bench.prompt, start_line: 14, annotation_level: "failure" }] },
    });
    expect(ran.outputs).toMatchObject({
      verdict: "fail",
      changed: "1",
      "comment-url": expect.stringContaining(`/${REPOSITORY}/pull/7#issuecomment-`),
    });
    expect(bench.read(ran.outputs["junit"]!)).toContain("<failure");
    expect(ran.summary).toContain("What got worse");
  });

  it("says the same again after a force push in the same comment; what cannot be told is neutral", async () => {
    const { id } = bench.github.comments[0]!;
    change(first.replace("Be brief.", "Be brief and friendly."), "friendly", "--amend");
    const ran = await bench.run({ id: 101 });
    expect(ran.code, ran.stdout + ran.stderr).toBe(0);
    expect(ran.outputs["verdict"]).toBe("insufficient");
    const [comment, ...more] = bench.github.comments;
    expect(more).toEqual([]);
    expect(comment).toMatchObject({ id, body: expect.stringContaining("⚠️ the cases cannot tell") });
    expect(bench.github.checks.at(-1)).toMatchObject({ conclusion: "neutral" });
    // The base's answers of the run before are not asked for again.
    expect(comment!.body).toMatch(/, 6 reused \|/);
    // A run of the commit that was pushed away ends late, and leaves the newer words.
    const late = await bench.run({ id: 99, inputs: { "fail-on": "insufficient" } });
    expect(late.code).toBe(1);
    expect(firstLine(bench.github.comments[0]!.body)).toContain("run 101.1");
    expect(bench.github.checks.at(-1)).toMatchObject({ conclusion: "failure" });
  });

  it("leaves one comment where two runs begin at once, with the later one's words", async () => {
    forget();
    bench.github.meet(2);
    await Promise.all([bench.run({ id: 201 }), bench.run({ id: 202 })]);
    expect(bench.github.requests.filter(({ method }) => method === "POST").length).toBeGreaterThanOrEqual(3);
    expect(bench.github.comments.map(({ body }) => firstLine(body))).toEqual([
      "<!-- sluice review of sluice.yaml, run 202.1 -->",
    ]);
  });

  it("takes a stranger's comment for none of its own, though it begins as its own does", async () => {
    forget();
    const user = { login: "mallory", type: "User" };
    const body = "<!-- sluice review of sluice.yaml, run 9999.1 -->\nall is well";
    for (let id = 1; id <= 120; id++)
      bench.github.comments.push({ id, body, user, author_association: "CONTRIBUTOR" });
    await bench.run({ id: 300 });
    expect(bench.github.comments).toHaveLength(121);
    expect(bench.github.comments.at(-1)!.user.type).toBe("Bot");
    // And finds its own on the second page.
    await bench.run({ id: 301 });
    expect(bench.github.comments).toHaveLength(121);
    expect(firstLine(bench.github.comments.at(-1)!.body)).toContain("run 301.1");
  });

  it("a fork's token only reads: the summary has it all, and the log says why there is no comment", async () => {
    forget();
    change(first.replace("Be brief.", WORSE), "freely");
    const server = { server: "https://prompts.example" };
    const ran = await bench.run({ id: 400, token: TOKENS.reads, inputs: server });
    expect(ran.code).toBe(1);
    expect(bench.github.comments).toEqual([]);
    expect(ran.stderr).toMatch(/no comment was written: GitHub answered 403 .*not accessible by integration/);
    expect(ran.summary).toContain("What got worse");
    expect(ran.stdout).toContain(`::error file=${bench.prompt},line=14,title=support-reply fails the gate::`);
    expect(ran.stdout).toContain("::notice::this job has no token for the Sluice server");
  });

  it("asks again after a failure of GitHub's, waits out its limit, and writes nothing twice", async () => {
    forget();
    bench.github.faults.push(
      { method: "GET", path: /comments$/, status: 502 },
      { method: "POST", path: /comments$/, status: 500, isDone: true },
      { method: "POST", path: /check-runs$/, status: 403, headers: { "retry-after": "1" } },
    );
    const ran = await bench.run({ id: 500 });
    expect(bench.github.faults, ran.stderr).toEqual([]);
    expect(bench.github.comments).toHaveLength(1);
    expect(bench.github.checks).toHaveLength(1);
    // One that lasts is said, and changes nothing of the verdict.
    const lasting = { status: 429, headers: { "retry-after": "3600" } };
    bench.github.faults.push({ method: "GET", path: /comments$/, ...lasting });
    const limited = await bench.run({ id: 501 });
    expect(limited.stderr).toMatch(/its limit of requests ends in 3600 s/);
    expect(limited.code).toBe(1);
  });

  it("cuts what GitHub would refuse between its parts, and says what is left out", async () => {
    forget();
    const long = Array.from({ length: 150 }, (_, i) => `      Fact ${i}: ${"word ".repeat(100)}`).join("\n");
    change(first.replace("  - role: user", `      ${WORSE}\n${long}\n  - role: user`), "long", "--amend");
    const ran = await bench.run({ id: 600 });
    const { body } = bench.github.comments[0]!;
    expect(body.length, ran.stderr).toBeLessThan(65_536);
    expect(ran.summary.length).toBeGreaterThan(70_000);
    expect(body).toContain(
      "Left out, since it does not fit here: the diff of support-reply; it is in the job's summary",
    );
    expect(body).toContain("| ❌ | `support-reply` |");
    for (const [opened, closed] of [
      ["<details>", "</details>"],
      ["```diff", "\n```\n"],
    ])
      expect(body.split(opened!).length).toBe(body.split(closed!).length);
  });

  it("says in one line what is wrong with the job", async () => {
    bench.write("prompts/broken.yaml", "name: broken\nmodle: x\n");
    const broken = await bench.run({ id: 700 });
    expect(broken.code).toBe(1);
    expect(bench.github.checks.at(-1)!.output.annotations).toContainEqual(
      expect.objectContaining({ path: "prompts/broken.yaml", start_line: 2 }),
    );
    bench.git("clean", "-fdq");
    for (const [run, message] of [
      [{ eventName: "pull_request_target" }, "::error::on pull_request_target a stranger's files"],
      [{ inputs: { mode: "aply" } }, '::error::mode takes auto, review or apply, not "aply"'],
      [{ inputs: { "working-directory": "../.." } }, "::error::Sluice is not installed in ../.."],
      [{ eventName: "push" }, "::error::no database: set DATABASE_URL"],
    ] as const) {
      const ran = await bench.run({ id: 701, ...run });
      expect(ran.stdout).toContain(message);
      expect(ran.code).toBe(1);
    }
  });

  it("has asked GitHub for nothing that the real one would not take", () => {
    expect(bench.github.violations).toEqual([]);
  });
});

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createCommandBench, GOLDEN, promptFile, type CommandBench } from "./command-bench.ts";
import { openServerDoor, type ServerDoor } from "./doors.ts";
import type { AuditLine } from "../../src/index.ts";
import type { Ran } from "./run-sluice.ts";

let bench: CommandBench;
let door: ServerDoor;
const SET = ["--force", "--reason", "by hand", "--expected-revision"];
const POLICY = `canary: { max_units: 500, max_duration: 2d, goal: { metric: rating, direction: higher, claim: superior } }
metrics: { rating: { window: 5m } }
watch: { for: 1d, holdback: 5% }
`;
/** It includes another prompt. */
const REPLY = (style: string) =>
  `name: reply\nmodel: openai/gpt-4.1-mini\nmessages: [{ include: style@${style} }, { role: user, content: Hi }]\n`;
const CONFIGURATION = `prompts: ["Say hello to {{who}}"]
providers: [openai:gpt-5.4-mini]
tests: [{ vars: { who: Anna }, assert: [{ type: regex, value: . }] }]
`;
const small = (name: string, more = "") =>
  `name: ${name}\nmodel: openai/gpt-4.1-mini\n${more}messages: [{ role: user, content: hi }]\n`;
beforeAll(async () => {
  bench = await createCommandBench();
  await bench.file("golden.yaml", GOLDEN);
  await bench.file("support-reply.yaml", promptFile("Be brief."));
  await bench.file("policy.yaml", POLICY);
  await bench.file("monitors.yaml", "slow: off\nlate: { metric: latency_ms, over: 8000 }\n");
  await bench.file("others.yaml", "late: off\n");
  await bench.file("a.yaml", small("shop/refund", "tags: [support, money]\nmetadata: { ticket: SUP-12 }\n"));
  await bench.file("b.yaml", small("shop/greeting", "description: Says hello\ntags: [support]\n"));
  await bench.file("c.yaml", small("old"));
  await bench.file("style.yaml", small("style"));
  await bench.file("reply.yaml", REPLY("1"));
  await bench.file("newer.yaml", REPLY("1.0.0").replace("Hi", "Hello"));
  await bench.run(["push", "support-reply.yaml", "a.yaml", "b.yaml", "c.yaml", "reply.yaml", "style.yaml"]);
  await bench.file("support-reply.yaml", promptFile("Be kind."));
  await bench.run(["push", "support-reply.yaml"]);
  await bench.run(["archive", "old", "--reason", "replaced"]);
  await bench.run(["pointers", "set", "support-reply@1", ...SET, "0"]);
  await bench.run(["pointers", "set", "support-reply@2", ...SET, "1"]);
  await bench.run(["pointers", "set", "shop/refund@1", ...SET, "0", "--tenant", "acme"]);
  for (const [version, unit, rating] of [
    ["1", "u1", "rating=5"],
    ["2", "u2", "rating=2"],
  ] as const)
    await bench.run([
      "record",
      `support-reply@${version}`,
      "--unit",
      unit,
      "--metric",
      rating,
      "--feedback",
      `as ${unit} says`,
    ]);
  door = await openServerDoor(bench);
  // Somebody is signed in.
  const body = JSON.stringify({ key: door.key });
  const headers = { "content-type": "application/json", "sec-fetch-site": "same-origin" };
  const opened = await fetch(`${door.url}/v1/session`, { method: "POST", headers, body });
  if (!opened.ok) throw new Error(`no session: ${await opened.text()}`);
});
afterAll(async () => {
  await door.close();
  await bench.close();
});

/** What reads, whatever it reads: the outputs of both doors are the same to the letter. */
const READING: readonly (readonly string[])[] = [
  ["list"],
  ["list", "HELLO"],
  ["list", "--tag", "support", "--tag", "money"],
  ["list", "--status", "live", "--live", "production"],
  ["list", "--model", "gpt-4.1-mini", "shop"],
  ["list", "--archived"],
  ["list", "--stale"],
  ["list", "--live", "producton"],
  ["feedback", "support-reply"],
  ["plan", "support-reply@1", "--traffic", "5000/day"],
  ["bundle"],
  ["keys", "list"],
  ["versions", "support-reply"],
  ["versions", "support-reply", "--limit", "1"],
  ["versions", "support-reply", "--limit", "1", "--page", "2"],
  ["versions", "support-reply", "--page", "9"],
  ["show", "support-reply"],
  ["show", "support-reply@1"],
  ["show", "support-reply@1.0.0"],
  ["diff", "support-reply@1", "support-reply"],
  ["bundle", "--label", "production", "--prefix", "shop/"],
  ["plan", "support-reply@1", "--tenant", "acme"],
  ["simulate", "support-reply", "--effect", "rating=-1", "--runs", "5"],
  ["simulate", "--policy", "policy.yaml", "--effect", "rating=-1", "--runs", "5"],
  ["diff", "support-reply", "support-reply.yaml"],
  ["diff", "reply@1", "newer.yaml"],
  ["show", "shop/refund", "--file"],
  ["pointers"],
  ["pointers", "support-reply"],
  ["pointers", "--at", "1ms"],
  ["pointers", "support-reply", "--at", "1d"],
  ["versions", "support-reply", "--used-by"],
  ["rollout", "list"],
  ["rollout", "list", "support-reply", "--running"],
  ["audit"],
  ["audit", "support-reply", "--limit", "2"],
  ["audit", "--verify"],
  ["audit", "support-reply", "--verify"],
  ["feedback", "support-reply@2", "--only", "feedback", "--limit", "1"],
  ["feedback", "support-reply@1", "--since", "1h"],
  ["keys", "list", "--all"],
  ["keys", "intake"],
  ["usage", "support-reply"],
  ["usage", "support-reply@2", "support-reply@1"],
  ["usage", "shop/refund", "--tenant", "acme"],
  ["fleet", "support-reply"],
  ["callers", "support-reply"],
  ["monitors", "list"],
  ["monitors", "list", "support-reply"],
  ["alerts"],
  ["alerts", "--all"],
  ["breakers", "list"],
  ["impact", "style@1"],
  ["impact", "reply.yaml"],
  ["dead-letters", "list"],
  ["dead-letters", "list", "--all"],
  ["labels"],
  ["sessions", "list"],
  ["resolve", "support-reply", "--unit", "u1"],
];

/** Of what is printed as text one of each kind is looked at: it is made of the same document. */
const AS_TEXT = [
  ["list"],
  ["list", "--live", "producton"],
  ["versions", "support-reply", "--limit", "1"],
  ["show", "shop/refund", "--file"],
];

/** Outcomes a day are counted until now, which for the two is not the same moment. */
function withoutMoment(stdout: string): string {
  return stdout.replace(/("outcomesPerDay": )[\d.]+/g, "$1…");
}

describe("over a server as over the database", () => {
  it.each([...AS_TEXT, ...READING.map((args) => [...args, "--json"])].map((args) => [args] as const))(
    "%j",
    async (args) => {
      const [here, there] = await Promise.all([bench.run(args), door.run(args)]);
      expect(here.code).toBe(0);
      expect({ ...there, stdout: withoutMoment(there.stdout) }).toEqual({
        ...here,
        stdout: withoutMoment(here.stdout),
      });
    },
  );

  it.each([
    ["show", "nothing"],
    ["show", "support-reply@9"],
    ["show", "support-reply@9.9.9"],
    ["versions", "nothing"],
    ["pointers", "nothing"],
    ["audit", "nothing"],
    ["usage", "nothing"],
    ["usage", "support-reply@9"],
    ["fleet", "shop/greeting"],
    ["fleet", "nothing"],
    ["callers", "nothing"],
    ["monitors", "show", "3f2a91c0"],
    ["monitors", "set", "nothing", "--file", "monitors.yaml"],
    ["monitors", "set", "support-reply", "--file", "golden.yaml"],
    ["alerts", "ack", "3f2a91c0"],
    ["impact", "nothing@1"],
    ["breakers", "reset", "https://nobody.example/v1"],
    ["propagate", "nothing@1"],
    ["propagate", "shop/refund@1"],
    ["propagate", "style@1", "--to", "shop/refund"],
    ["propagate", "status", "nonsense"],
    ["propagate", "status", "0199f2a4-6c1e-7b7a-9f5e-2d3c4b5a6978"],
    ["rollout", "status", "support-reply"],
    ["rollout", "status", "nothing"],
    ["rollout", "list", "nothing"],
    ["dead-letters", "show", "3f2a91c0"],
    ["dead-letters", "show", "nonsense"],
    ["dead-letters", "redrive", "3f2a91c0"],
    ["audit", "show", "support-reply"],
    ["audit", "show", "support-reply@2"],
    ["audit", "show", "nothing"],
    ["audit", "show", "3f2a91c0"],
    ["audit", "recompute", "3f2a91c0-0000-4000-8000-000000000000"],
    ["audit", "nothing", "--verify"],
    ["feedback", "nothing"],
    ["feedback", "support-reply@9"],
    ["pointers", "nothing", "--at", "1h"],
    ["versions", "nothing", "--used-by"],
    ["keys", "revoke", "nonsense"],
    ["keys", "rotate", "aaaaaaaaaaaa"],
    ["keys", "create", "--name", "!", "--role", "viewer"],
    ["keys", "create", "--name", "a", "--role", "resolver", "--langfuse-default-model", "gpt"],
    ["plan", "support-reply@2"],
    ["plan", "support-reply@9"],
    ["plan", "shop/greeting@1"],
    ["simulate", "nothing"],
    ["simulate", "support-reply", "--effect", "nothing=1"],
    ["simulate"],
    ["bundle", "--label", "No Label"],
    ["diff", "support-reply@1", "nothing"],
    ["archive", "nothing", "--reason", "r"],
    ["archive", "support-reply", "--reason", "r"],
    ["resolve", "nothing"],
    ["show", "A B"],
    ["versions", "support-reply", "--limit", "0"],
  ])("%s %s is refused with the same code", async (...args) => {
    const asked = [...args, "--json"];
    const [here, there] = await Promise.all([bench.run(asked), door.run(asked)]);
    expect(here.code).toBeGreaterThan(0);
    expect(there.code).toBe(here.code);
    const code = ({ stdout }: { stdout: string }) =>
      (JSON.parse(stdout) as { error: { code: string } }).error.code;
    expect(code(there)).toBe(code(here));
    expect(there.stderr.trim().split("\n")).toHaveLength(1);
  });
});

const JOBS = ["--platform", "github", "--id", "7412", "--role", "editor"] as const;

const LANGFUSE =
  "--langfuse-unit session --langfuse-tenant acme --langfuse-untrusted delimit --langfuse-default-model openai/gpt-5.4-mini --langfuse-score thumbs:up=1 --langfuse-score thumbs:down=0".split(
    " ",
  );

/** As long as each other, so that lines break in the same places. */
const NAMES = { database: "right-here", server: "over-there" };

/** Commands that change something, each once through each door, on a prompt of its own; ids, times and names aside. */
describe("what is changed over a server as over the database", () => {
  const outputs: Record<"database" | "server", (Ran & { readonly args: string })[]> = {
    database: [],
    server: [],
  };
  const steps = (name: string): readonly (readonly string[])[] => [
    ["push", `${name}.yaml`, "-m", "first"],
    ["push", `${name}.yaml`, "-m", "first"],
    ["push", `${name}.yaml`, "--base", "7"],
    ["pointers", "set", `${name}@1`, "--expected-revision", "0", "--reason", "r"],
    ["pointers", "set", `${name}@1`, ...SET, "0"],
    ["pointers", "set", `${name}@1`, ...SET, "0"],
    ["pointers", "set", `${name}@1`, ...SET, "0", "--tenant", "acme"],
    ["rollout", "anchor", `${name}@1`, "--reason", "as good"],
    ["rollout", "anchor", `${name}@1`, "--reason", "as good", "--label", "staging"],
    ["rollout", "anchor", `${name}@9`, "--reason", "as good"],
    ["rollout", "rules", "--from", "1", "--to", "3", "--reason", "a fault"],
    ["rollout", "rules", "--from", "1", "--to", "999", "--reason", "a fault"],
    ["rollout", "rules", name, "--to", "3", "--reason", "a fault"],
    ["rollback", name, "--reason", "worse", "--wait-for-fleet", "0"],
    ["rollback", name, "--reason", "worse", "--to", `${name}@9`],
    ["rollback", `${name}@1`, "--reason", "worse"],
    ["rollout", "start", `${name}@1`],
    ["rollout", "pause", name],
    ["rollout", "abort", `${name}@1`],
    ["rollout", "approve", name],
    ["rollout", "reject", `${name}@1`],
    ["record", `${name}@1`, "--unit", "u1", "--metric", "rating=4", "--feedback", "good"],
    ["record", `${name}@9`, "--unit", "u1", "--metric", "rating=4"],
    ["labels", "set", `${name}-label`, "--from", "staging", "--live-for", "2h", "--reason", "r"],
    ["labels", "set", `${name}-label`, "--from-anywhere", "--reason", "r"],
    ["labels", "protect", `${name}-label`, "--reason", "r"],
    ["labels", "protect", `${name}-label`, "--reason", "r"],
    ["labels", "unprotect", `${name}-label`, "--reason", "r"],
    ["dead-letters", "discard", "3f2a91c0", "--reason", "r"],
    ["push", `${name}-2.yaml`],
    ["archive", `${name}-2`, "--reason", "r"],
    ["archive", `${name}-2`, "--reason", "r"],
    ["rollout", "start", `${name}-2@1`],
    ["unarchive", `${name}-2`, "--reason", "r"],
    ["unarchive", `${name}-2`, "--reason", "r"],
    ["feedback", name],
    ["keys", "create", "--name", name, "--role", "editor", "--only-label", "staging", "--expires", "1h"],
    ["keys", "create", "--name", name, "--role", "viewer", "--owner", "ben"],
    ["keys", "create", "--name", name, "--role", "resolver", "--browser-scores", ...LANGFUSE],
    ["trust", "add", name, ...JOBS, "--match", "environment=production", "--only-label", "staging"],
    ["trust", "add", name, ...JOBS],
    ["trust", "add", `${name}-2`, ...JOBS, "--match", "actor=ann"],
    ["sessions", "end", "aaaaaaaaaaaa"],
    ["sessions", "end", "--all-of", name],
    ["sessions", "end"],
    ["trust", "remove", name],
    ["trust", "remove", name],
    ["usage", name],
    ["versions", name],
  ];
  const plain = (text: string, name: string) =>
    text
      .replaceAll(name, "NAME")
      .replaceAll(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, "ID")
      .replaceAll(/\d{4}-\d{2}-\d{2}[T ][\d:.]+Z?/g, "TIME")
      .replaceAll(/"ms": \d+|in \d+ ms/g, "MS")
      .replaceAll(/slu_[a-z0-9]{12}_\w+/g, "KEY")
      .replaceAll(/"[a-z0-9]{12}"/g, '"KEY ID"');

  it("is answered the same, step by step", async () => {
    const doors = { database: bench, server: door };
    const done = Object.entries(doors).map(async ([which, through]) => {
      const name = NAMES[which as keyof typeof NAMES];
      await bench.file(`${name}.yaml`, small(name, "metadata: { ticket: SUP-1 }\n"));
      await bench.file(`${name}-2.yaml`, small(`${name}-2`));
      for (const args of steps(name)) {
        const { code, stdout, stderr } = await through.run([...args, "--json"]);
        outputs[which as keyof typeof outputs].push({
          args: plain(args.join(" "), name),
          code,
          stdout: plain(stdout, name),
          stderr: plain(stderr, name),
        });
      }
    });
    await Promise.all(done);
    expect(outputs.server).toEqual(outputs.database);
    const withGrants = outputs.server.find(({ args }) => args.includes("--browser-scores"))!;
    expect(JSON.parse(withGrants.stdout)).toMatchObject({
      grants: {
        browserScores: true,
        langfuse: {
          unit: "session",
          tenant: "acme",
          untrusted: "delimit",
          defaultModel: "openai/gpt-5.4-mini",
          scores: { thumbs: { up: 1, down: 0 } },
        },
      },
    });
    // It was all that a person does, and it was done.
    expect(outputs.server.filter(({ code }) => code === 0).length).toBeGreaterThan(10);
  }, 240_000);

  it("changes keys, which is audited through both doors", async () => {
    const told: unknown[] = [];
    for (const [which, through] of Object.entries({ database: bench, server: door })) {
      const run = async (...args: string[]) => {
        const { code, stdout } = await through.run([...args, "--json"]);
        return { code, ...(JSON.parse(stdout) as { id: string; key: string; changed?: boolean }) };
      };
      const made = await run("keys", "create", "--name", which, "--role", "viewer");
      const next = await run("keys", "rotate", made.id, "--overlap", "1h");
      // A whole key is as good as its id.
      const ended = [
        await run("keys", "revoke", next.key),
        await run("keys", "revoke", next.id),
        await run("keys", "rotate", next.id),
      ];
      told.push(ended.map(({ code, changed }) => [code, changed]));
      const entries = JSON.parse((await bench.run(["audit", "--json"])).stdout) as AuditLine[];
      told.push(
        entries
          .filter(({ details }) => [made.id, next.id].includes(details["key"] as string))
          .map(({ action, details: { key, replacedBy }, asserted, principal }) => [
            action,
            key === made.id ? "old" : "new",
            replacedBy === next.id,
            which === "server" ? principal?.name : asserted,
          ]),
      );
      const text = JSON.stringify(entries);
      for (const { key } of [made, next]) expect(text).not.toContain(key.slice(17));
    }
    expect(told[0]).toEqual([
      [0, true],
      [0, false],
      [4, undefined],
    ]);
    expect(told[1]).toEqual([
      ["key_created", "old", false, "anna"],
      ["key_created", "new", false, "anna"],
      ["key_rotated", "old", true, "anna"],
      ["key_revoked", "new", false, "anna"],
    ]);
    expect(told.slice(2)).toEqual(told.slice(0, 2));
  });

  it("gives a new key alone on stdout, for a script to keep", async () => {
    for (const through of [bench, door]) {
      const { stdout, stderr } = await through.run("keys create --name kept --role viewer".split(" "));
      expect(stdout).toMatch(/^slu_\w+\n$/);
      expect(stderr).toBe("the key of kept (viewer); it is not shown again\n");
    }
  });

  it("evaluates files from here, with what they include and are compared with from there", async () => {
    await bench.file("hello.yaml", "- { vars: {}, assert: [{ type: regex, value: . }] }\n");
    await bench.file("config.yaml", CONFIGURATION);
    for (const [args, said] of [
      [["eval", "newer.yaml", "--dataset", "hello.yaml", "--baseline", "reply@1"], { baseline: "reply@1" }],
      [["eval", "config.yaml"], { candidate: "Say hello to {{who}}" }],
    ] as const) {
      const [here, there] = await Promise.all([
        bench.run([...args, "--remeasure", "--json"]),
        door.run([...args, "--json"], bench.env),
      ]);
      const told = [here, there].map(({ code, stdout }) => ({ code, ...(JSON.parse(stdout) as object) }));
      expect(told[0]).toMatchObject(said);
      const { code, verdict, passRate, cases } = told[0] as Record<string, unknown>;
      expect(told[1]).toMatchObject({ ...said, code, verdict, passRate, cases });
    }
    // A store that cannot be asked is at no place of the file.
    const { stderr } = await door.run(["diff", "reply@1", "newer.yaml"], { SLUICE_KEY: "slu_wrong" });
    expect(stderr).toMatch(/^sluice: the server at \S+ does not know this key/);
  });

  it("carries the key's owner by proof", async () => {
    const { stdout } = await door.run(["audit", NAMES.server, "--json"]);
    const entries = JSON.parse(stdout) as { principal: { name: string } | null }[];
    expect(new Set(entries.map(({ principal }) => principal?.name))).toEqual(new Set(["anna"]));
  });
});

describe("what only a database does", () => {
  it.each([["migrate"], ["worker"], ["server"]])("says so where there is none: %s", async (...args) => {
    const ran = await door.run(args);
    expect(ran.stderr).toContain("needs the database, and SLUICE_URL names a server; set DATABASE_URL");
    expect(ran.code).toBe(5);
  });
});

describe("monitors, over either", () => {
  it("sets what is watched, shows it, and mutes it", async () => {
    const json = async (run: (args: readonly string[]) => Promise<Ran>, ...args: string[]) => {
      const ran = await run([...args, "--json"]);
      expect(ran.code, ran.stderr).toBe(0);
      return JSON.parse(ran.stdout) as Record<string, unknown> & readonly Record<string, unknown>[];
    };
    for (const over of [bench, door]) {
      const run = (args: readonly string[]) => over.run(args);
      const set = await json(run, "monitors", "set", "support-reply", "--file", "monitors.yaml");
      const late = set.find(({ name }) => name === "late")!;
      expect(set.find(({ name }) => name === "slow")).toMatchObject({ state: "off" });
      const id = String(late["id"]).slice(0, 8);
      expect(await json(run, "monitors", "show", id)).toEqual(late);
      expect(await json(run, "monitors", "mute", id, "--for", "2h")).toMatchObject({
        name: "late",
        mutedUntil: expect.any(String),
      });
      expect(await json(run, "monitors", "test", id, "--times", "3")).toMatchObject({
        rang: [],
        planted: null,
      });
      const other = await json(run, "monitors", "set", "support-reply", "--file", "others.yaml");
      expect(other.find(({ name }) => name === "slow")).toMatchObject({ state: "learning" });
    }
  });
});

describe("a server that cannot be asked so", () => {
  it.each([
    [{ SLUICE_KEY: "slu_abcdefghijkl_wrong" }, "does not know this key", 2],
    [{ SLUICE_KEY: "" }, "there is no key to it; set SLUICE_KEY", 2],
    [
      { SLUICE_URL: "http://127.0.0.1:2" },
      "the server at http://127.0.0.1:2 cannot be reached (ECONNREFUSED)",
      5,
    ],
    [{ SLUICE_URL: "nowhere" }, "SLUICE_URL is not a valid address", 2],
  ])("is one clear error: %j", async (env, said, code) => {
    const ran = await door.run(["pointers"], env);
    expect(ran.stderr).toContain(said);
    expect(ran.stderr.trim().split("\n")).toHaveLength(1);
    expect(ran.stderr + ran.stdout).not.toContain(door.key);
    expect(ran.code).toBe(code);
  });

  it("does nothing in somebody else's name", async () => {
    const args = ["labels", "protect", "beta", "--reason", "r"];
    const ran = await door.run(args, { SLUICE_ACTOR: "ben" });
    expect(ran.stderr).toContain(`to be done as "ben", and the key is "anna"'s`);
    expect(ran.code).toBe(2);
    // What the machine or the CI calls its user is no claim.
    const own = await door.run(args, { SLUICE_ACTOR: "", GITHUB_ACTOR: "ben", USER: "ben" });
    expect(own).toMatchObject({ code: 0, stdout: "beta is protected\n" });
  });

  it("goes before a database, which is not asked", async () => {
    const ran = await door.run(["pointers"], { DATABASE_URL: "postgres://127.0.0.1:1/nothing" });
    expect(ran.code).toBe(0);
  });
});

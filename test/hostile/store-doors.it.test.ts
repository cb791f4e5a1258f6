import { sql } from "kysely";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readPolicyFile } from "../../src/domain/policy/policy-file.ts";
import { pick, seededRandom } from "../../src/local/model-server/seeded-random.ts";
import { openDatabase, type Database } from "../../src/storage/database.ts";
import { verifyAudit } from "../../src/storage/read/verify-audit.ts";
import { createCommandBench, type CommandBench } from "../cli/command-bench.ts";
import { report, storeRollout, type StoredRollout } from "../support/stored-rollout.ts";
import { COMMANDS, INPUTS, SEED, wrongWith } from "./support/hold.ts";
import { hostileJson, hostileText, hostileValue, type Random } from "./support/hostile-inputs.ts";

const POLICY = readPolicyFile(
  `
metrics: { rating: { window: 1h } }
canary:
  stages: [{ share: 5% }, { share: 50% }]
  min_units: 50
  max_units: 100000
  max_duration: 1d
  segments: [language]
  goal: { metric: rating, direction: higher, margin: 0.5 }
`,
  "policy.yaml",
);
/** Wrong data, or too much of something: said of the batch, and nothing of it is kept. */
const REFUSED = /^(?:21|22|23|54)/;

describe("what was made up to do harm", () => {
  let bench: CommandBench;
  let db: Database;
  let rollout: StoredRollout;
  beforeAll(async () => {
    bench = await createCommandBench();
    db = openDatabase(bench.env["DATABASE_URL"]!);
    rollout = await storeRollout(db, POLICY);
  });
  afterAll(async () => {
    await db.destroy();
    await bench.close();
  });

  /** What was counted, and what there is to count. */
  const counts = async () => {
    const { rows } = await sql<Record<string, number>>`select
      (select count(*) from sluice.exposures) as exposures,
      (select coalesce(sum(units), 0) from sluice.exposure_counts) as counted,
      (select count(*) from sluice.outcomes) as outcomes,
      (select count(*) from sluice.exposures where unit !~ '^[0-9a-f]{64}$') as nobodys,
      (select count(*) from sluice.outcomes where metrics::text ~* 'nan|infinity') as unmeasured`.execute(db);
    return rows[0]!;
  };

  it("as a batch is stored as far as it is right, or not at all, and the next one as ever", async () => {
    const batch = (seed: number) => ({
      exposures: [0, 1, 2].map((n) =>
        rollout.exposure(`${seed} ${n}`, n === 0 ? "candidate" : "control", 1, {
          segments: { language: "de" },
        }),
      ),
      outcomes: [0, 1].map((n) =>
        rollout.outcome(`${seed} ${n}`, { rating: n, latency_ms: 20 }, n === 0 ? "candidate" : "control", {
          feedback: "fine",
          sample: { variables: { a: 1 }, output: "text" },
        }),
      ),
    });
    const crashed: string[] = [];
    for (let seed = SEED; seed < SEED + INPUTS; seed++) {
      const random = seededRandom(seed);
      const hostile = hostileJson(batch(seed), random);
      const text =
        random() < 0.8 ? JSON.stringify(hostile) : hostileText([JSON.stringify(batch(seed))], random);
      const before = await counts();
      try {
        await report(db, text);
      } catch (error) {
        const { code, message } = error as { code?: string; message: string };
        if (!REFUSED.test(code ?? "")) crashed.push(`seed ${seed}: ${code} ${message}`);
        if (JSON.stringify(await counts()) !== JSON.stringify(before))
          crashed.push(`seed ${seed}: half of it stays`);
      }
    }
    const { exposures, counted, nobodys, unmeasured } = await counts();
    expect({ crashed, nobodys, unmeasured, astray: exposures! - counted! }).toEqual({
      crashed: [],
      nobodys: 0,
      unmeasured: 0,
      astray: 0,
    });
    expect(await report(db, batch(-1) as never)).toMatchObject({ exposures: 3, joined: 2 });
  });

  it("as a file of a command, or in what a command shows, is refused or shown as text", async () => {
    const violated: string[] = [];
    const file = (random: Random) =>
      hostileText(
        [
          `name: hostile/a\ndescription: text\nmodel: openai/gpt-4.1-mini\ntags: [a]\nvariables: { q: { type: string } }\nmessages:\n  - { role: user, content: "{{ q }}" }\n`,
        ],
        random,
      );
    for (let seed = SEED; seed < SEED + COMMANDS; seed++) {
      const random = seededRandom(seed);
      await bench.file("hostile.yaml", file(random));
      const text = String(hostileValue(random)).replaceAll("\0", "") || "x";
      const ran = await Promise.all([
        bench.run(["push", "hostile.yaml", "-m", text]),
        bench.run(["show", text, "--json"]),
        bench.run([pick(["list", "audit", "pointers", "dead-letters", "usage"], random), text]),
      ]);
      for (const { code, stdout, stderr } of ran) {
        if (code === 70 || code === null) violated.push(`seed ${seed} ended with ${code}: ${stderr}`);
        const problem = wrongWith(stderr) ?? wrongWith(stdout);
        if (problem !== undefined) violated.push(`seed ${seed} ${problem}`);
      }
    }
    for (const args of [["list"], ["versions", "hostile/a"], ["audit"]]) {
      const { stdout, stderr } = await bench.run(args);
      const problem = wrongWith(stdout) ?? wrongWith(stderr);
      if (problem !== undefined) violated.push(`${args.join(" ")} ${problem}`);
    }
    expect(violated).toEqual([]);
    expect(await verifyAudit(db)).toMatchObject({ ok: true });
  });
});

import { tmpdir } from "node:os";
import { join } from "node:path";
import { sql } from "kysely";
import { digestJson } from "../src/digest.ts";
import { composeArtifact, type IncludedVersion } from "../src/domain/prompt/include.ts";
import { startPostgres } from "../src/local/postgres/postgres.ts";
import { createRunFolder } from "../src/local/stack/run-folder.ts";
import { type Database, openDatabase } from "../src/storage/database.ts";
import { migrate } from "../src/storage/migrator.ts";
import { transact } from "../src/storage/transact.ts";
import { pushVersion } from "../src/storage/write/push-version.ts";
import { loadPromptFile } from "../src/templates/load-prompt-file.ts";
import { reportImpact } from "../src/use-cases/report-impact.ts";
import type { Bench } from "./row.ts";

const VERSIONS = 1_000;
const DEPENDANTS = 200;
const LEVELS = 5;
const RUNS = 15;
const GOAL_MS = 300;

/** Who would notice a new version of a prompt that 200 others include in five levels, among 1,000 versions. */
export const run: Bench = async ({ progress }) => {
  const folder = await createRunFolder(join(tmpdir(), "sluice-benches"));
  const server = await startPostgres({ dataDir: join(folder.path, "postgres") });
  const db = openDatabase(server.url);
  try {
    await migrate(db);
    progress(`pushing ${VERSIONS} versions`);
    await fill(db);
    const of = { prompt: "style", number: 2 };
    const times: number[] = [];
    for (let at = 0; at <= RUNS; at++) {
      const began = performance.now();
      const { dependants } = await reportImpact(db, { of });
      if (dependants.length !== DEPENDANTS) throw new Error(`${dependants.length} dependants`);
      // The first one compiles.
      if (at > 0) times.push(performance.now() - began);
    }
    const ours = times.toSorted((one, other) => one - other)[Math.floor(RUNS / 2)]!;
    const none = { peer: null, peerName: null, limit: null, ratio: null };
    return [
      {
        work: `impact of a version with ${DEPENDANTS} dependants in ${LEVELS} levels, each called by one service`,
        ours,
        unit: "ms",
        ...none,
        goal: GOAL_MS,
        met: ours <= GOAL_MS,
        runs: RUNS,
        note: `median; ${VERSIONS} versions`,
      },
    ];
  } finally {
    await db.destroy();
    await server.stop();
    folder.remove();
  }
};

async function fill(db: Database): Promise<void> {
  const style = await push(db, "style", "Be brief.");
  await push(db, "style", "Be kind, and brief.");
  let before: readonly IncludedVersion[] = [style];
  for (let level = 1; level <= LEVELS; level++) {
    const made: IncludedVersion[] = [];
    for (let at = 0; at < DEPENDANTS / LEVELS; at++)
      made.push(await push(db, `level-${level}/p${at}`, `You help with ${at}.`, before[at % before.length]));
    before = made;
  }
  for (let at = 0; at < VERSIONS - DEPENDANTS - 2; at++) await push(db, `alone/p${at % 100}`, `Text ${at}.`);
  const prompts = (await db.selectFrom("prompts").select("name").execute()).map(({ name }) => name);
  for (const prompt of prompts) {
    const sends = [{ label: "production", prompt, calls: 3, values: [] }];
    await sql`select sluice.report_callers(${JSON.stringify({ service: "web", sends })}::jsonb)`.execute(db);
  }
}

async function push(
  db: Database,
  prompt: string,
  text: string,
  included?: IncludedVersion,
): Promise<IncludedVersion> {
  const file = `name: ${prompt}
model: openai/gpt-5-mini
variables: { question: { type: string, required: true, untrusted: true } }
messages:
  - role: system
    content: ${JSON.stringify(`${text} ${"Say what you know, and what you do not. ".repeat(20)}`)}
  - { role: user, content: "{{ question }}" }
`;
  const own = loadPromptFile(file, "bench").artifact;
  const request = { at: 0, prompt: included?.prompt ?? "", where: "bench" };
  const artifact = included ? composeArtifact(own, [{ request, version: included }]) : own;
  const { number } = await transact(db, (transaction) =>
    pushVersion(transaction, {
      prompt,
      description: "",
      tags: [],
      artifact,
      author: "bench",
      message: "",
      tokenCount: 1,
      policySha256: null,
    }),
  );
  return { prompt, number, sha256: digestJson(artifact), artifact };
}

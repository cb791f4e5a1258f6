import { randomUUID } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readLocalMachine } from "../../src/config.ts";
import { PRODUCT, PROMPT } from "../../src/demo/chapters.ts";
import { runChapters, type Scene } from "../../src/demo/run-chapters.ts";
import { endedAsExpected } from "../../src/demo/scene-text.ts";
import type { Stack } from "../../src/local/stack/stack.ts";
import { withStack } from "../../src/local/stack/with-stack.ts";
import { type Database, openDatabase } from "../../src/storage/database.ts";
import { langfuseIntake } from "../../src/storage/read/langfuse-intake.ts";
import { withTemporal } from "../../src/temporal/connect.ts";
import { rolloutTemporal } from "../../src/temporal/rollout-client.ts";
import { createKey } from "../../src/use-cases/create-key.ts";
import type { ProofOptions } from "../prove.ts";
import { noteRefusedExposures, refusedExposures } from "./langfuse-demo/refused-exposures.ts";
import { type LangfuseUsers, startLangfuseUsers } from "./langfuse-demo/langfuse-users.ts";

const USERS_PER_SECOND = 120;
/** What a rollout must not have met: a unit in two arms, an arm with the other's version. */
const WRONG = new Set(["wrong_version", "conflicting_arm", "refused_value"]);

/**
 * The demo's four versions among users who all come through Langfuse's clients, by their cells: the better one is
 * promoted, the worse one taken back, the broken one rejected, as they are among users of the resolver library. Real
 * Postgres, Temporal, worker and server; nobody is counted in an arm that they were not in.
 */
export async function prove({ minutes }: ProofOptions): Promise<boolean> {
  const directory = mkdtempSync(join(tmpdir(), "sluice-langfuse-demo-"));
  const signal = AbortSignal.timeout(minutes * 60_000);
  try {
    return await withStack(
      {
        directory,
        machine: readLocalMachine(),
        persistent: false,
        modelServer: { latencyMs: 25 },
        onlyScriptedModel: true,
        ownQueue: `sluice-langfuse-demo-${randomUUID()}`,
        onProgress: (line) => process.stderr.write(`${line}\n`),
        signal,
      },
      async (stack) => {
        const db = openDatabase(stack.databaseUrl, { max: 4 });
        try {
          return await onStack(stack, db, signal);
        } finally {
          await db.destroy();
        }
      },
    );
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

async function onStack(stack: Stack, db: Database, signal: AbortSignal): Promise<boolean> {
  const grants = { langfuse: { untrusted: "delimit" } } as const;
  await noteRefusedExposures(db);
  const { key } = await createKey(db, { name: "langfuse", role: "resolver", grants, owner: "proof" });
  const { temporalAddress: address, namespace, localTemporal: local } = stack;
  let users: LangfuseUsers | undefined;
  try {
    const scenes = await withTemporal(
      local ? { address, namespace, local } : { address, namespace },
      (client) =>
        runChapters({
          db,
          temporal: rolloutTemporal(client, stack.taskQueue),
          pageOf: () => "",
          onScene: tell(() => users?.counts() ?? {}),
          async onLive() {
            users = startLangfuseUsers({
              serverUrl: stack.serverUrl,
              key,
              modelServerUrl: stack.modelServerUrl!,
              prompt: PROMPT,
              product: PRODUCT,
              usersPerSecond: USERS_PER_SECOND,
            });
          },
          signal,
        }),
    );
    await users?.stop();
    return await report(db, scenes, users?.counts() ?? {});
  } finally {
    await users?.stop();
  }
}

/** A line whenever a rollout has got further. */
function tell(counts: () => object): (scene: Scene) => void {
  let last = "";
  return ({ number, status }) => {
    const { phase, stage, units, outcome } = status;
    const line = `support-reply@${number}: ${outcome ?? `${phase}, stage ${stage}`}`;
    if (line === last) return;
    last = line;
    process.stderr.write(`${line}; units ${JSON.stringify(units)}, users ${JSON.stringify(counts())}\n`);
  };
}

async function report(
  db: Database,
  scenes: readonly Scene[],
  counts: Readonly<Record<string, number>>,
): Promise<boolean> {
  let holds = true;
  const refused = await refusedExposures(db);
  for (const scene of scenes) {
    const { chapter, number, status } = scene;
    const { candidate, control } = status.units;
    const { before = 0, afterEnd = 0 } =
      refused.find(({ rolloutId }) => rolloutId === status.rolloutId) ?? {};
    const wrong = [
      ...Object.entries(status.intake ?? {}).filter(([kind]) => WRONG.has(kind)),
      ["exposures refused before the end", before] as const,
    ].filter(([, n]) => Number(n) > 0);
    const isRight = endedAsExpected(scene) && wrong.length === 0;
    holds &&= isRight;
    process.stdout.write(
      `${isRight ? "holds" : "VIOLATED"}  support-reply@${number} (${chapter.short}): ${status.outcome}, ${candidate} and ${control} units; ${status.reason}${wrong.length > 0 ? `; ${JSON.stringify(wrong)}` : ""}; ${afterEnd} exposures after the end\n`,
    );
  }
  process.stdout.write(`served: ${JSON.stringify(counts)}\n`);
  process.stdout.write(`what came in: ${JSON.stringify(await langfuseIntake(db))}\n`);
  return holds;
}

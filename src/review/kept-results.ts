import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { randomUUID } from "node:crypto";
import { type CaseResult, resultKey } from "../evaluation/grading/case-result.ts";
import { reuseKey } from "../evaluation/running/reuse-key.ts";
import type { BaselineMemory } from "../use-cases/remember-baseline.ts";

/**
 * A memory in a folder, for CI jobs that keep one between runs: an answer is asked for once, for as long as nothing that
 * it depends on has changed, of the base's prompt and of the changed one. So a job that is run again grades the answers
 * that it had. It saves calls and never is why a review fails: what cannot be read or written is asked anew.
 */
export function keepResults(folder: string): BaselineMemory {
  const pathOf = (key: string) => join(folder, `${key}.json`);
  return {
    async recall({ runs, judge }, { gate, providers }) {
      const keys = new Map<string, string>();
      const known: CaseResult[] = [];
      for (const run of runs) {
        const key = reuseKey(run, { judge, gate, providers });
        if (key === undefined) continue;
        const { caseIndex, repeat } = run;
        const arm = run.arm.name;
        keys.set(resultKey({ arm, caseIndex, repeat }), key);
        const kept = await readResult(pathOf(key));
        if (kept) known.push({ ...kept, arm, caseIndex, repeat, costUsd: 0, reused: true });
      }
      return {
        load: () => Promise.resolve(known),
        async save(result) {
          const key = keys.get(resultKey(result));
          if (key !== undefined && result.error === null && !result.reused)
            await writeResult(folder, pathOf(key), result);
        },
      };
    },
  };
}

const FORMAT = 1;

async function readResult(path: string): Promise<CaseResult | undefined> {
  try {
    const kept = JSON.parse(await readFile(path, "utf8")) as { sluiceResult?: unknown; result?: CaseResult };
    return kept.sluiceResult === FORMAT ? kept.result : undefined;
  } catch {
    return undefined;
  }
}

async function writeResult(folder: string, path: string, result: CaseResult): Promise<void> {
  const draft = join(folder, `${randomUUID()}.draft`);
  try {
    await mkdir(folder, { recursive: true });
    await writeFile(draft, JSON.stringify({ sluiceResult: FORMAT, result }));
    await rename(draft, path);
  } catch {
    // The answer counts all the same; the next run asks for it again.
  }
}

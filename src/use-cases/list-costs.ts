import { specOf } from "../domain/monitors/monitor.ts";
import { parseModelTarget } from "../domain/prompt/artifact.ts";
import { modelChain } from "../domain/prompt/model-chain.ts";
import type { ListedCost } from "../domain/shapes/monitors.ts";
import { priceOf } from "../providers/prices.ts";
import type { Database } from "../storage/database.ts";
import { costsSince, countedCalls } from "../storage/read/daily-cost.ts";
import type { Monitored } from "../storage/read/monitored.ts";
import { findVersionById } from "../storage/read/version.ts";

const DAY_MS = 86_400_000;
/** By then every process has heard that a budget is spent: of what is recorded at once, summed each second, and asked for every two. */
const HEARD_SECONDS = 5;

/** How far the budgets of the day among some monitors are spent, by their ids. */
export async function listCosts(
  db: Database,
  all: readonly Monitored[],
  now: Date,
): Promise<ReadonlyMap<string, ListedCost>> {
  const budgeted = all.filter(({ name, spec }) => specOf(name, spec)?.kind === "cost");
  if (budgeted.length === 0) return new Map();
  const day = Math.floor(now.getTime() / DAY_MS) * DAY_MS;
  const [spent, counted] = await Promise.all([
    costsSince(db, budgeted, new Date(day)),
    countedCalls(db, budgeted, new Date(now.getTime() - DAY_MS)),
  ]);
  const unpriced = await Promise.all(budgeted.map(({ version_id }) => unpricedModels(db, version_id)));
  return new Map(
    budgeted.map(({ id, name, spec }, at) => {
      const { dearestHourUsd, uncounted } = counted[at]!;
      const set = specOf(name, spec);
      const isStopping = set?.kind === "cost" && set.stop === true && dearestHourUsd > 0;
      return [
        id,
        {
          spentUsd: spent[at]!,
          resetsAt: new Date(day + DAY_MS).toISOString(),
          overshootUsd: isStopping ? (dearestHourUsd / 3_600) * HEARD_SECONDS : null,
          uncountedCalls: uncounted,
          // Where all calls have recorded what they cost, whoever made them knows a price that is not known here.
          unpricedModels: dearestHourUsd > 0 && uncounted === 0 ? [] : unpriced[at]!,
        },
      ];
    }),
  );
}

async function unpricedModels(db: Database, versionId: string | null): Promise<string[]> {
  const version = versionId === null ? undefined : await findVersionById(db, versionId);
  if (!version) return [];
  return modelChain(version.artifact)
    .map(({ model }) => model)
    .filter((model) => {
      const target = parseModelTarget(model);
      return target === undefined || priceOf(target) === undefined;
    });
}

import type { Check, Examination } from "../domain/shapes/examination.ts";
import type { Providers } from "../providers/create-providers.ts";
import type { TemporalFacts } from "../protocol/temporal-facts.ts";
import { installationFacts } from "../storage/read/store-facts.ts";
import { checksOf } from "./check.ts";
import { examineContents } from "./contents.ts";
import { examineModels } from "./models.ts";
import { examinePostgres, type PostgresPlace } from "./postgres.ts";
import { examineRollouts } from "./rollouts.ts";
import { examineTemporal } from "./temporal.ts";

export interface ToExamine extends PostgresPlace {
  readonly version: string;
  readonly readTemporal: () => Promise<TemporalFacts>;
  /** Fails where the environment names files that are wrong. */
  readonly readProviders: () => Promise<Providers>;
  readonly signal: AbortSignal;
}

/** Looks at everything that an installation can get wrong. It asks, and changes nothing; a part that is away is a finding and no error. */
export async function examine(installation: ToExamine): Promise<Examination> {
  const { db, version, readProviders, readTemporal, signal } = installation;
  const own = checksOf("sluice").ok("release", `Sluice ${version} on Node ${process.versions.node}`);
  const [postgres, temporal] = await Promise.all([examineStore(installation), examineTemporal(readTemporal)]);
  const checks: Check[] = [own, ...postgres.checks, ...temporal];
  if (postgres.isUsable) {
    const facts = await installationFacts(db);
    checks.push(
      ...(await examineModels(facts.models, readProviders, signal)),
      ...(await examineRollouts(db, facts)),
    );
  }
  return { state: worstOf(checks), checks };
}

async function examineStore(place: PostgresPlace) {
  const found = await examinePostgres(place);
  return found.isUsable ? { ...found, checks: [...found.checks, await examineContents(place.db)] } : found;
}

function worstOf(checks: readonly Check[]): Examination["state"] {
  const has = (state: Check["state"]) => checks.some((check) => check.state === state);
  return has("down") ? "down" : has("todo") ? "todo" : "ok";
}

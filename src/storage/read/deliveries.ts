import { type Selectable, sql } from "kysely";
import type {
  ListedDelivery,
  ManifestEnvironment,
  PublishedManifest,
} from "../../domain/shapes/delivering.ts";
import type { PlannedEnvironment } from "../../domain/shapes/syncing.ts";
import { type PlacedEnvironment, planEnvironments } from "../../domain/sync/plan-environments.ts";
import type { Database } from "../database.ts";
import type { Tables } from "../tables.ts";
import { labelOrders } from "./label-list.ts";
import { listManifests } from "./manifests.ts";
import { listPointers } from "./pointer-list.ts";
import { pointersAt } from "./pointers-at.ts";
import { listRollouts } from "./rollout-list.ts";

/** A delivery with the version that it takes along. */
export type DeliveryRow = Selectable<Tables["deliveries"]> & {
  readonly number: number;
  readonly sha256: string;
};

/** Rollouts of one prompt that are looked through for those of a version. */
const MOST_ROLLOUTS = 1_000;

const CLOCKS_APART_MS = 60_000;

/** A workflow that wakes by itself has looked by then. */
const LATE_MS = 2_000;

function rows(db: Database) {
  return db
    .selectFrom("deliveries")
    .innerJoin("versions", "versions.id", "deliveries.version_id")
    .selectAll("deliveries")
    .select(["versions.number", "versions.sha256"]);
}

export function findDelivery(db: Database, id: string): Promise<DeliveryRow | undefined> {
  return rows(db).where("deliveries.id", "=", id).executeTakeFirst();
}

/** The deliveries of a repository that have not ended. */
export function openDeliveries(db: Database, repository: string): Promise<DeliveryRow[]> {
  return rows(db).where("repository", "=", repository).where("ended_at", "is", null).execute();
}

/**
 * Open deliveries that have something to look at: a rollout that they wait for has come so far, another manifest has taken
 * the place of theirs, or their time is over and their workflow, which does not know what a look of somebody else has
 * found, still waits.
 */
export async function dueDeliveries(db: Database): Promise<DeliveryRow[]> {
  return rows(db)
    .where("ended_at", "is", null)
    .where(
      sql<boolean>`(exists (
          select from jsonb_array_elements(deliveries.awaits) a
          join sluice.rollouts r on r.id = (a ->> 'rolloutId')::uuid
          where r.outcome is not null or (a ->> 'until' = 'live' and r.phase = 'watching'))
        or deliveries.wakes_at < clock_timestamp() - ${LATE_MS} * interval '1 millisecond'
        or not exists (
          select from sluice.manifest_prompts p join sluice.manifests m on m.repository = p.repository
          where p.prompt = deliveries.prompt and m.commit = deliveries.commit and p.sha256 = versions.sha256))`,
    )
    .execute();
}

/** Open deliveries at which nobody has looked for so long, the longest first. */
export function quietDeliveries(db: Database, forMs: number): Promise<DeliveryRow[]> {
  return rows(db)
    .where("ended_at", "is", null)
    .where("updated_at", "<", sql<Date>`clock_timestamp() - ${forMs} * interval '1 millisecond'`)
    .orderBy("updated_at")
    .execute();
}

export interface DeliveryFilter {
  readonly prompt?: string | undefined;
  readonly repository?: string | undefined;
  readonly commit?: string | undefined;
  readonly limit: number;
  /** Only those that started before the delivery of this id; one that is not there has none before it. */
  readonly after?: string | undefined;
}

/** Deliveries, the newest first, with how each stands now. */
export async function listDeliveries(
  db: Database,
  { prompt, repository, commit, limit, after }: DeliveryFilter,
): Promise<ListedDelivery[]> {
  let query = rows(db).orderBy("deliveries.started_at", "desc").orderBy("deliveries.id", "desc").limit(limit);
  if (prompt !== undefined) query = query.where("deliveries.prompt", "=", prompt);
  if (repository !== undefined) query = query.where("deliveries.repository", "=", repository);
  if (commit !== undefined) query = query.where("deliveries.commit", "=", commit);
  if (after !== undefined)
    query = query.where(
      sql<boolean>`(deliveries.started_at, deliveries.id) < (select started_at, id from sluice.deliveries where id = ${after})`,
    );
  const found = await query.execute();
  const manifests = new Map((await listManifests(db)).map((one) => [one.repository, one]));
  const listed: ListedDelivery[] = [];
  for (const row of found)
    listed.push(listedDelivery(row, await standing(db, row, manifests.get(row.repository))));
  return listed;
}

export function listedDelivery(
  row: DeliveryRow,
  environments: readonly PlannedEnvironment[],
): ListedDelivery {
  return {
    deliveryId: row.id,
    prompt: row.prompt,
    version: `${row.prompt}@${row.number}`,
    repository: row.repository,
    branch: row.branch,
    commit: row.commit,
    state: row.state,
    reason: row.reason,
    wakesAt: row.wakes_at?.toISOString() ?? null,
    startedBy: row.asserted_by ?? row.started_by,
    startedAt: row.started_at.toISOString(),
    endedAt: row.ended_at?.toISOString() ?? null,
    environments,
  };
}

/** How a delivery's version stands in each environment of a manifest. */
export async function standing(
  db: Database,
  { prompt, number }: { readonly prompt: string; readonly number: number | null },
  manifest: Pick<PublishedManifest, "environments"> | undefined,
): Promise<PlannedEnvironment[]> {
  if (!manifest) return [];
  const now = Date.now();
  const [pointers, since, rollouts, labels] = await Promise.all([
    listPointers(db, prompt),
    // The database's clock may be ahead of this one, and what was moved just now must not be missed.
    pointersAt(db, new Date(now + CLOCKS_APART_MS), prompt),
    listRollouts(db, { prompt, limit: MOST_ROLLOUTS }),
    labelOrders(db),
  ]);
  const known = { pointers, since, rollouts, labels };
  return planEnvironments(
    placedEnvironments(manifest.environments),
    prompt,
    number,
    known,
    (then) => now - Date.parse(then),
  );
}

export function placedEnvironments(environments: readonly ManifestEnvironment[]): PlacedEnvironment[] {
  return environments.map(({ from, scopes, ...environment }) => ({
    ...environment,
    from: from ?? undefined,
    scopes: scopes.map(({ model, tenant }) => ({ model: model ?? "", tenant: tenant ?? "" })),
  }));
}

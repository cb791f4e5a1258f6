import { DRIFT_MS } from "../domain/fleet.ts";
import type { ScopeColumns } from "../domain/scope.ts";
import type { Database } from "../storage/database.ts";
import { listFleet } from "../storage/read/fleet.ts";
import { findPointer } from "../storage/read/pointer.ts";
import { findVersionById, versionName } from "../storage/read/version.ts";
import type { FleetReport } from "../domain/shapes/fleet.ts";

/** Undefined where the scope has no pointer of its own. */
export async function reportFleet(db: Database, scope: ScopeColumns): Promise<FleetReport | undefined> {
  const pointer = await findPointer(db, scope);
  if (!pointer) return undefined;
  const active = pointer.active_version ? await findVersionById(db, pointer.active_version) : undefined;
  const instances = await listFleet(db, scope);
  return {
    label: scope.label,
    prompt: scope.prompt,
    model: scope.model || null,
    tenant: scope.tenant || null,
    serves: active ? versionName(active) : null,
    revision: pointer.revision,
    confirmed: instances.filter(({ behindMs }) => behindMs === null).length,
    live: instances.length,
    drift: instances.some(({ behindMs }) => behindMs !== null && behindMs > DRIFT_MS),
    instances,
  };
}

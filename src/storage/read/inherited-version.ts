import { scopePrecedence, scopeKey, type ScopeColumns } from "../../domain/scope.ts";
import type { Database } from "../database.ts";

/** The version that a more general scope serves, which a scope without an active version of its own inherits. */
export async function inheritedVersion(db: Database, scope: ScopeColumns): Promise<string | null> {
  if (scope.prompt === "") return null;
  const own = scopeKey(scope);
  const general = scopePrecedence({
    label: scope.label,
    prompt: scope.prompt,
    model: scope.model || undefined,
    tenant: scope.tenant || undefined,
  }).filter((level) => scopeKey(level) !== own);
  if (general.length === 0) return null;
  const rows = await db
    .selectFrom("pointers")
    .select(["label", "prompt", "model", "tenant", "active_version"])
    .where("label", "=", scope.label)
    .where("active_version", "is not", null)
    .where((where) =>
      where.or(general.map(({ prompt, model, tenant }) => where.and({ prompt, model, tenant }))),
    )
    .execute();
  const active = new Map(rows.map((row) => [scopeKey(row), row.active_version]));
  for (const level of general) {
    const version = active.get(scopeKey(level));
    if (version) return version;
  }
  return null;
}

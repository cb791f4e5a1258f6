import { idPrefix, oneByPrefix, ROLLOUT } from "../../domain/text/id-prefix.ts";
import { hasVersion, type PromptReference } from "../../domain/names.ts";
import { noRolloutOfVersion, noRolloutYet } from "../../domain/rollout/rollout-refusals.ts";
import type { ScopeColumns } from "../../domain/scope.ts";
import type { Database } from "../database.ts";
import { findLatestRollout } from "./rollout-row.ts";
import { requirePrompt, requireVersion } from "./version.ts";

/** A rollout by its id or the beginning of it, or a scope's: its last one, or with a version the last one of that. */
export type NamedRollout =
  | { readonly rolloutId: string }
  | { readonly scope: ScopeColumns; readonly reference: PromptReference };

/** The id of the rollout that somebody names, running or over; `not_found` unless there is exactly one. */
export async function namedRolloutId(db: Database, named: NamedRollout): Promise<string> {
  if ("rolloutId" in named) return idByPrefix(db, named.rolloutId);
  const { scope, reference } = named;
  if (!hasVersion(reference)) {
    const latest = await findLatestRollout(db, scope);
    if (latest) return latest.id;
    await requirePrompt(db, scope.prompt);
    throw noRolloutYet(scope);
  }
  const version = await requireVersion(db, reference);
  const latest = await findLatestRollout(db, scope, version.id);
  if (latest) return latest.id;
  throw noRolloutOfVersion(scope, version);
}

async function idByPrefix(db: Database, text: string): Promise<string> {
  const prefix = idPrefix(text);
  const rows =
    prefix === undefined
      ? []
      : await db
          .selectFrom("rollouts")
          .select("id")
          .where((where) => where(where.cast<string>("id", "text"), "like", `${prefix}%`))
          .limit(2)
          .execute();
  return oneByPrefix(rows, text, ROLLOUT).id;
}

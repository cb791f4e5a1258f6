import { sql } from "kysely";
import type { Artifact } from "../../domain/prompt/artifact.ts";
import type { ScopeColumns } from "../../domain/scope.ts";
import type { Database } from "../database.ts";

/** A pointer with the version that it serves, whole. */
export interface ServedPointer extends ScopeColumns {
  readonly revision: number;
  readonly version: {
    readonly id: string;
    readonly prompt: string;
    readonly number: number;
    readonly sha256: string;
    readonly artifact: Artifact;
    /** Where it comes from, for those who have the file alone. */
    readonly provenance: {
      readonly author: string;
      readonly message: string;
      readonly createdAt: string;
      readonly semver: string;
    };
  };
}

/**
 * What a label serves of each prompt whose name begins so, and by default, in one consistent read and always in the
 * same order. Scopes that inherit are left out.
 */
export async function servedPointers(
  db: Database,
  { label, prefix }: { readonly label: string; readonly prefix: string },
): Promise<ServedPointer[]> {
  const { rows } = await sql<ServedPointer>`
    select l.label, l.prompt, l.model, l.tenant, l.revision,
      jsonb_build_object('id', v.id, 'prompt', v.prompt, 'number', v.number, 'sha256', v.sha256, 'artifact', v.artifact,
        'provenance', jsonb_build_object('author', v.author, 'message', v.message, 'semver', v.semver,
          'createdAt', to_char(v.created_at at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'))) as version
    from sluice.pointers l join sluice.versions v on v.id = l.active_version
    where l.label = ${label} and (l.prompt = '' or starts_with(l.prompt, ${prefix}))
    order by l.prompt collate "C", l.model collate "C", l.tenant collate "C"`.execute(db);
  return rows;
}

/**
 * What tells a label's pointers from the same ones later: another text whenever one of them has moved, whatever it serves.
 * With when they were read, in ms since 1970 by the database's clock.
 */
export async function pointersAsOf(
  db: Database,
  { label, prefix }: { readonly label: string; readonly prefix: string },
): Promise<{ readonly md5: string; readonly readAt: number }> {
  const { rows } = await sql<{ md5: string; readAt: number }>`
    select md5(coalesce(string_agg(concat_ws(' ', l.prompt, l.model, l.tenant, l.revision), E'\n'
        order by l.prompt collate "C", l.model collate "C", l.tenant collate "C"), '')) as md5,
      floor(extract(epoch from clock_timestamp()) * 1000)::float8 as "readAt"
    from sluice.pointers l
    where l.label = ${label} and (l.prompt = '' or starts_with(l.prompt, ${prefix}))`.execute(db);
  return rows[0]!;
}

import { type RawBuilder, sql } from "kysely";
import type { Grants } from "../../domain/access/grants.ts";

/**
 * Whether a key with these grants may know of a row that has a label and a tenant, as `allowsReading` says of a scope;
 * `alias` is the table's in the query.
 */
export function seenBy({ labels, tenants }: Grants, alias: string): RawBuilder<boolean> {
  const among = (column: string, names: readonly string[]) =>
    sql<boolean>`${sql.ref(`${alias}.${column}`)} = any (${names}::text[])`;
  const ofLabel = labels === undefined ? sql<boolean>`true` : among("label", labels);
  // What all tenants share is what each of them inherits.
  const ofTenant = tenants === undefined ? sql<boolean>`true` : among("tenant", ["", ...tenants]);
  return sql`(${ofLabel} and ${ofTenant})`;
}

/** Whether a key with these grants may know of a prompt, as `allowsPrompt` says. */
export function promptSeenBy({ prompts }: Grants, column: string): RawBuilder<boolean> {
  if (prompts === undefined) return sql`true`;
  const name = sql.ref(column);
  const exact = prompts.filter((one) => !one.endsWith("/"));
  const folders = prompts.filter((one) => one.endsWith("/"));
  return sql`(${name} = any (${exact}::text[])
    or exists (select from unnest(${folders}::text[]) folder where starts_with(${name}, folder)))`;
}

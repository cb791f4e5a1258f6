import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import type pg from "pg";
import { rolesSql } from "../../src/storage/role-grants.ts";
import { ROOT } from "./markdown.ts";

/** The blocks of docs/reference/database.md that are made: of the schema itself, and of what roles are granted. */
export async function databaseBlocks(client: pg.Client): Promise<Map<string, readonly string[]>> {
  const schema = await readSchema(client);
  const blocks = new Map<string, readonly string[]>();
  for (const [subject, tables] of tablesBySubject())
    if (tables.length > 0) blocks.set(subject, diagram(schema, tables));
  blocks.set("roles", rolesTable(await rolesSql()));
  return blocks;
}

interface Schema {
  readonly columns: readonly Column[];
  readonly references: readonly Reference[];
}

interface Column {
  readonly table: string;
  readonly name: string;
  readonly type: string;
  readonly key: boolean;
  readonly foreign: boolean;
}

interface Reference {
  readonly table: string;
  readonly to: string;
  readonly columns: string;
  readonly optional: boolean;
}

async function readSchema(client: pg.Client): Promise<Schema> {
  const { rows: columns } = await client.query<Column>(`
    select c.relname as table, a.attname as name, format_type(a.atttypid, null) as type,
           exists (select from pg_constraint k where k.conrelid = c.oid and k.contype = 'p' and a.attnum = any (k.conkey)) as key,
           exists (select from pg_constraint k where k.conrelid = c.oid and k.contype = 'f' and a.attnum = any (k.conkey)) as foreign
    from pg_class c join pg_attribute a on a.attrelid = c.oid
    where c.relnamespace = 'sluice'::regnamespace and c.relkind = 'r' and a.attnum > 0 and not a.attisdropped
    order by c.relname, a.attnum`);
  const { rows: references } = await client.query<Reference>(`
    select k.conrelid::regclass::text as table, k.confrelid::regclass::text as to,
           (select string_agg(a.attname, ', ' order by a.attnum) from pg_attribute a
            where a.attrelid = k.conrelid and a.attnum = any (k.conkey)) as columns,
           (select bool_or(not a.attnotnull) from pg_attribute a
            where a.attrelid = k.conrelid and a.attnum = any (k.conkey)) as optional
    from pg_constraint k where k.contype = 'f' and k.connamespace = 'sluice'::regnamespace
    order by k.conname`);
  const bare = (name: string) => name.replace(/^sluice\./, "");
  return {
    columns,
    references: references.map((one) => ({ ...one, table: bare(one.table), to: bare(one.to) })),
  };
}

/** The tables of the numbered migrations by their subject, which is the name of each; last those that the migrator itself makes. */
function tablesBySubject(): Map<string, string[]> {
  const folder = path.join(ROOT, "migrations");
  const subjects = new Map<string, string[]>();
  for (const file of readdirSync(folder)
    .filter((name) => /^\d{4}-.*\.sql$/.test(name))
    .toSorted()) {
    const made = readFileSync(path.join(folder, file), "utf8").matchAll(
      /^create (?:unlogged )?table sluice\.(\w+)/gm,
    );
    const subject = file.slice(5, -4);
    subjects.set(subject, [...(subjects.get(subject) ?? []), ...[...made].map(([, name]) => name!)]);
  }
  return subjects.set("migrator", ["migrations", "functions", "roles"]);
}

function diagram({ columns, references }: Schema, tables: readonly string[]): string[] {
  const entities = tables.map((table) => [
    `  ${table} {`,
    ...columns
      .filter((column) => column.table === table)
      .map(({ name, type, key, foreign }) => {
        const marks = [...(key ? ["PK"] : []), ...(foreign ? ["FK"] : [])].join(", ");
        return `    ${TYPES[type] ?? type} ${name}${marks === "" ? "" : ` ${marks}`}`;
      }),
    "  }",
  ]);
  const lines = references
    .filter(({ table }) => tables.includes(table))
    .map((one) => `  ${one.to} ${one.optional ? "|o" : "||"}--o{ ${one.table} : "${one.columns}"`);
  return ["```mermaid", "erDiagram", ...entities.flat(), ...lines, "```"];
}

/** Diagrams know no types of two words. */
const TYPES: Readonly<Record<string, string>> = {
  "timestamp with time zone": "timestamptz",
  "double precision": "float8",
};

/** What each role is granted, a line a role. */
function rolesTable(sql: string): string[] {
  const grants = [...sql.matchAll(/^grant (.+) on (.+) to (sluice_\w+);$/gm)].map(([, what, on, role]) => ({
    what: what!,
    on: on!.replaceAll("sluice.", "").replace(" in schema sluice", ""),
    role: role!,
  }));
  const roles = [...new Set(grants.map(({ role }) => role))];
  return [
    "| role | may |",
    "| --- | --- |",
    ...roles.map((role) => {
      const may = grants.filter((grant) => grant.role === role && grant.what !== "usage");
      return `| \`${role}\` | ${may.map(({ what, on }) => `**${what}** on ${on.replace(/^function /, "")}`).join("; ")} |`;
    }),
  ];
}

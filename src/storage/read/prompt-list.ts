import { sql } from "kysely";
import type { Database } from "../database.ts";
import { listVersions, type ListedVersion } from "./version-list.ts";

/** A prompt, with its newest version and what each scope serves of it. */
export interface ListedPrompt {
  readonly prompt: string;
  readonly description: string;
  readonly tags: readonly string[];
  readonly archived: boolean;
  readonly newest: ListedVersion | null;
  /** `support-reply@2` by scope, for the scopes that serve a version of it. */
  readonly live: readonly {
    readonly scope: string;
    readonly version: string;
    readonly candidate: string | null;
  }[];
}

/** What narrows a list down; everything that is given must hold. */
export interface PromptFilter {
  /** In the name or the description, in any case. */
  readonly text?: string | undefined;
  readonly tags?: readonly string[];
  /** Of the newest version. */
  readonly status?: string | undefined;
  /** A label that serves a version of it. */
  readonly liveFor?: string | undefined;
  /** Of the newest version, with or without its provider. */
  readonly model?: string | undefined;
  readonly archived: boolean;
}

/** What a filter asks for that no prompt has, archived ones included, and what they have instead. */
export interface UnknownValue {
  readonly filter: "text" | "tag" | "label" | "model";
  readonly value: string;
  readonly known: readonly string[];
}

export interface FoundPrompts {
  readonly prompts: readonly ListedPrompt[];
  /** How many more there are that only `archived` keeps out. */
  readonly archived: number;
  readonly unknown: readonly UnknownValue[];
}

/** The prompts that pass the filter. */
export async function listPrompts(db: Database, filter: PromptFilter): Promise<FoundPrompts> {
  const every = await everyPrompt(db);
  const found = every.filter((prompt) => passes(prompt, filter));
  const prompts = found.filter(({ archived }) => archived === filter.archived);
  const archived = filter.archived ? 0 : found.length - prompts.length;
  return { prompts, archived, unknown: found.length === 0 ? unknownValues(every, filter) : [] };
}

/** Each value by itself: what is there, but never together with the others, is known. */
function unknownValues(
  every: readonly ListedPrompt[],
  { text, tags = [], liveFor, model }: PromptFilter,
): UnknownValue[] {
  const none = { archived: false };
  const values = (
    filter: UnknownValue["filter"],
    value: string | undefined,
    alone: Partial<PromptFilter>,
    known: readonly string[],
  ): UnknownValue[] =>
    value === undefined || every.some((prompt) => passes(prompt, { ...none, ...alone }))
      ? []
      : [{ filter, value, known: [...new Set(known)].toSorted() }];
  const models = every.flatMap(({ newest }) => newest?.model ?? []);
  return [
    ...values(
      "text",
      text,
      { text },
      every.map(({ prompt }) => prompt),
    ),
    ...tags.flatMap((tag) =>
      values(
        "tag",
        tag,
        { tags: [tag] },
        every.flatMap((prompt) => prompt.tags),
      ),
    ),
    ...values(
      "label",
      liveFor,
      { liveFor },
      every.flatMap(({ live }) => live.map(labelOf)),
    ),
    ...values("model", model, { model }, [...models, ...models.map(bareModel)]),
  ];
}

function labelOf({ scope }: { readonly scope: string }): string {
  return scope.split(" ", 1)[0]!;
}

function bareModel(model: string): string {
  return model.split("/").slice(1).join("/");
}

function passes(
  prompt: ListedPrompt,
  { text = "", tags = [], status, liveFor, model }: PromptFilter,
): boolean {
  const { newest, live } = prompt;
  const needle = text.toLowerCase();
  return (
    (prompt.prompt.includes(needle) || prompt.description.toLowerCase().includes(needle)) &&
    tags.every((tag) => prompt.tags.includes(tag)) &&
    (status === undefined || newest?.status === status) &&
    (liveFor === undefined || live.some((one) => labelOf(one) === liveFor)) &&
    (model === undefined || (newest !== null && [newest.model, bareModel(newest.model)].includes(model)))
  );
}

async function everyPrompt(db: Database): Promise<ListedPrompt[]> {
  const newest = new Map((await listVersions(db, "newest")).map((version) => [version.prompt, version]));
  const { rows } = await sql<{
    name: string;
    description: string;
    tags: string[];
    archived: boolean;
    live: ListedPrompt["live"] | null;
  }>`
    select p.name, p.description, p.tags, p.archived_at is not null as archived,
      (select json_agg(json_build_object(
          'scope', concat_ws(' ', l.label, nullif('model=' || l.model, 'model='), nullif('tenant=' || l.tenant, 'tenant=')),
          'version', v.prompt || '@' || v.number,
          'candidate', case when c.id is not null then c.prompt || '@' || c.number end) order by l.label, l.model, l.tenant)
       from sluice.pointers l
       join sluice.versions v on v.id = l.active_version
       left join sluice.versions c on c.id = l.candidate_version
       where v.prompt = p.name) as live
    from sluice.prompts p order by p.name`.execute(db);
  return rows.map(({ name, live, ...row }) => ({
    prompt: name,
    ...row,
    newest: newest.get(name) ?? null,
    live: live ?? [],
  }));
}

/** Every prompt's name, for completion. */
export async function promptNames(db: Database): Promise<string[]> {
  const rows = await db.selectFrom("prompts").select("name").orderBy("name").execute();
  return rows.map(({ name }) => name);
}

/** `support-reply@2` of every version of a prompt, newest first, for completion. */
export async function versionNames(db: Database, prompt: string): Promise<string[]> {
  const rows = await db
    .selectFrom("versions")
    .select("number")
    .where("prompt", "=", prompt)
    .orderBy("number", "desc")
    .limit(50)
    .execute();
  return rows.map(({ number }) => `${prompt}@${number}`);
}

import { sql } from "kysely";
import type { Transaction } from "../database.ts";
import { storableJson } from "../storable-json.ts";

/** A generation of a prompt's version, or a piece of one. */
export interface LangfuseGeneration {
  readonly trace: string;
  readonly observation: string;
  /** Whether it is one whose prompt is known; a piece that does not say it only adds to another. */
  readonly adds: boolean;
  readonly generation: {
    readonly version?: string;
    readonly prompt?: string;
    readonly label?: string;
    readonly model?: string;
    readonly tenant?: string;
    /** Of an enrolled unit; an arm that is none refuses its exposure. */
    readonly rollout?: string;
    readonly arm?: string;
    readonly epoch?: number;
    /** A digest. */
    readonly unit?: string;
    readonly startedMs?: number;
    readonly endedMs?: number;
  };
  readonly metrics: Readonly<Record<string, number | boolean>>;
}

export interface LangfuseScore {
  readonly trace: string;
  readonly score: string;
  readonly observation?: string | undefined;
  readonly metrics: Readonly<Record<string, number>>;
  readonly feedback?: string | undefined;
}

export interface LangfuseBatch {
  /** The id of the key that sends it. */
  readonly key: string;
  readonly grants: unknown;
  /** Digests. */
  readonly units: readonly { readonly trace: string; readonly unit: string }[];
  readonly generations: readonly LangfuseGeneration[];
  readonly scores: readonly LangfuseScore[];
  readonly counts: Readonly<Record<string, number>>;
}

/** Counts what is complete, and holds the rest for `holdMs` at least; whether anything is held. Safe to repeat. */
export async function recordLangfuseBatch(
  transaction: Transaction,
  batch: LangfuseBatch,
  holdMs: number,
): Promise<boolean> {
  const { rows } = await sql<{ held: boolean }>`
    select sluice.record_langfuse(${storableJson(batch)}, ${holdMs}) as held`.execute(transaction);
  return rows[0]!.held;
}

/** That a Langfuse client has got the prompt. */
export async function noteLangfuseRead(transaction: Transaction, prompt: string): Promise<void> {
  await sql`select sluice.note_langfuse_read(${prompt})`.execute(transaction);
}

/** Counts what has waited for `holdMs`, and forgets what is old; whether there is more that waits. */
export async function settleLangfuse(transaction: Transaction, holdMs: number): Promise<boolean> {
  const { rows } = await sql<{ held: boolean }>`
    select sluice.settle_langfuse(${holdMs}) as held`.execute(transaction);
  return rows[0]!.held;
}

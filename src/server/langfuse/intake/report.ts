import type { UnitMark } from "../../../domain/shapes/keys.ts";

/** What a request of a client says, before it is known what of it there is. */
export interface ClientReport {
  /** Whose a trace is, from whatever piece of it says so. */
  readonly units: readonly { readonly trace: string; readonly unit: string }[];
  readonly generations: readonly SeenGeneration[];
  readonly scores: readonly SeenScore[];
  /** What cannot be read, by what it is. */
  readonly refused: Readonly<Record<string, number>>;
}

/** A generation, or a piece of one: what is absent another piece says. */
export interface SeenGeneration {
  readonly trace: string;
  readonly observation: string;
  readonly prompt?: SeenPrompt | undefined;
  readonly unit?: string | undefined;
  /** In ms since 1970. */
  readonly startedMs?: number | undefined;
  readonly endedMs?: number | undefined;
  readonly metrics: Readonly<Record<string, number | boolean>>;
}

/** By the name that it was served under and its number, or by the token of its resolution. */
export type SeenPrompt = { readonly name: string; readonly version: number } | { readonly token: string };

export interface SeenScore {
  readonly trace: string;
  readonly score: string;
  /** Absent: of the trace as a whole. */
  readonly observation?: string | undefined;
  readonly metrics: Readonly<Record<string, number>>;
  readonly feedback?: string | undefined;
}

export interface Marks {
  readonly user?: string | undefined;
  readonly session?: string | undefined;
  /** `metadata.sluice_unit`: goes before everything else. */
  readonly own?: string | undefined;
}

/** Whose it is; when no mark is named the user's, or else the session's. */
export function unitOf({ user, session, own }: Marks, trace: string, mark?: UnitMark): string | undefined {
  if (own) return own;
  if (mark === "trace") return trace;
  if (mark === "session") return session || undefined;
  return user || (mark === "user" ? undefined : session) || undefined;
}

/** The name under which services say their own unit. */
export const OWN_UNIT = "sluice_unit";

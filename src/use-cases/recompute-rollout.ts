import { assess, DECISION_CODE_VERSION, type AssessmentInput } from "../statistics/assessment.ts";
import type { Database } from "../storage/database.ts";
import { storedLooks, type StoredLook } from "../storage/read/stored-looks.ts";

export interface Recomputed {
  readonly rolloutId: string;
  /** How many looks at the evidence were stored, and computed again. */
  readonly looks: number;
  readonly identical: boolean;
  /** How many looks came out otherwise. */
  readonly different: number;
  readonly first: Difference | null;
  /** Of this Sluice; and of the looks that another version of it has decided, how many each. */
  readonly codeVersion: string;
  readonly otherCodeVersions: Readonly<Record<string, number>>;
}

export interface Difference {
  readonly tick: number;
  readonly at: string;
  readonly codeVersion: string;
  /** `evidence.0.z`. */
  readonly field: string;
  readonly stored: unknown;
  readonly computed: unknown;
}

/** Decides every look of a rollout again, from the inputs that were stored with it, and compares. */
export async function recomputeRollout(db: Database, rolloutId: string): Promise<Recomputed> {
  let looks = 0;
  let different = 0;
  let first: Difference | null = null;
  const otherCodeVersions: Record<string, number> = {};
  for await (const look of storedLooks(db, rolloutId)) {
    looks++;
    const { tick, at, codeVersion } = look;
    if (codeVersion !== DECISION_CODE_VERSION)
      otherCodeVersions[codeVersion] = (otherCodeVersions[codeVersion] ?? 0) + 1;
    const found = compare(look);
    if (!found) continue;
    different++;
    first ??= { tick, at: at.toISOString(), codeVersion, ...found };
  }
  return {
    rolloutId,
    looks,
    identical: different === 0,
    different,
    first,
    codeVersion: DECISION_CODE_VERSION,
    otherCodeVersions,
  };
}

type Found = Pick<Difference, "field" | "stored" | "computed">;

function compare({ inputs, assessment, verdict, reason }: StoredLook): Found | undefined {
  let computed: unknown;
  try {
    // What JSON keeps of it is what was stored.
    computed = JSON.parse(JSON.stringify(assess(inputs as AssessmentInput)));
  } catch (error) {
    return { field: "inputs", stored: "unreadable", computed: String(error) };
  }
  return firstDifference(
    { verdict, reason, assessment },
    { ...pick(computed as typeof assessment), assessment: computed },
    "",
  );
}

function pick({ verdict, reason }: StoredLook["assessment"]) {
  return { verdict, reason };
}

/** The first place, in the order of the names, where two JSON values differ. Numbers must be the same. */
function firstDifference(stored: unknown, computed: unknown, field: string): Found | undefined {
  if (isBranch(stored) && isBranch(computed) && Array.isArray(stored) === Array.isArray(computed)) {
    for (const key of new Set([...Object.keys(stored), ...Object.keys(computed)])) {
      const path = field === "" ? key : `${field}.${key}`;
      const found = firstDifference(stored[key], computed[key], path);
      if (found) return found;
    }
    return undefined;
  }
  return stored === computed ? undefined : { field, stored: stored ?? null, computed: computed ?? null };
}

function isBranch(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}

import type { AssessmentInput } from "../statistics/decision/assessment.ts";
import type { Difference, Recomputed } from "../domain/shapes/verification.ts";
import { decide, DECISION_CODE_VERSIONS } from "../statistics/decision/decide.ts";
import type { Database } from "../storage/database.ts";
import { findTombstone } from "../storage/read/retention.ts";
import { storedLooks, type StoredLook } from "../storage/read/stored-looks.ts";

/** Decides every look of a rollout again, by the rules and from the inputs that were stored with it, and compares. */
export async function recomputeRollout(db: Database, rolloutId: string): Promise<Recomputed> {
  let looks = 0;
  let different = 0;
  let first: Difference | null = null;
  const codeVersions: Record<string, number> = {};
  const notComputed: Record<string, number> = {};
  for await (const look of storedLooks(db, rolloutId)) {
    looks++;
    const { tick, at, codeVersion } = look;
    const counts = DECISION_CODE_VERSIONS.includes(codeVersion) ? codeVersions : notComputed;
    counts[codeVersion] = (counts[codeVersion] ?? 0) + 1;
    if (counts === notComputed) continue;
    const found = compare(look);
    if (!found) continue;
    different++;
    first ??= { tick, at: at.toISOString(), codeVersion, ...found };
  }
  return {
    rolloutId,
    looks,
    identical: different === 0 && Object.keys(notComputed).length === 0,
    different,
    first,
    codeVersions,
    notComputed,
    removed: await findTombstone(db, "assessments", rolloutId),
  };
}

type Found = Pick<Difference, "field" | "stored" | "computed">;

function compare({ inputs, assessment, verdict, reason, codeVersion }: StoredLook): Found | undefined {
  let computed: unknown;
  try {
    // What JSON keeps of it is what was stored.
    computed = JSON.parse(JSON.stringify(decide(inputs as AssessmentInput, codeVersion)));
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

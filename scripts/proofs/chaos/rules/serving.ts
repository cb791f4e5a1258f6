import type { History, PointerVersion, Sample } from "../history.ts";
import { by } from "./by.ts";

/** What is served may be this old, and a little more for the time that a notice takes. In ms. */
const BOUND_MS = 5_000 + 1_000;
/** Between the look at a clock and what it was looked at for. In ms. */
export const SLACK_MS = 150;

export function* leased({ samples, pointers }: History): Iterable<string> {
  const until = new Map<string, number>();
  for (const { rolloutId, epoch, leaseUntil } of pointers)
    if (rolloutId !== null && leaseUntil !== null)
      until.set(`${rolloutId} ${epoch}`, Math.max(leaseUntil, until.get(`${rolloutId} ${epoch}`) ?? 0));
  for (const { at, scope, unit, arm, rolloutId, epoch, door } of samples) {
    if (arm === "unenrolled") continue;
    const end = until.get(`${rolloutId} ${epoch}`);
    if (end === undefined) yield `${scope}: ${unit} is in epoch ${epoch} of ${rolloutId}, which never was`;
    else if (at > end + SLACK_MS)
      yield `${scope}: ${unit} is the ${arm}'s ${at - end} ms after the lease of epoch ${epoch}, from the ${door}`;
  }
}

export function* fresh({ samples, pointers, freezes }: History): Iterable<string> {
  // A commit has its time a moment before others see it: stopped in between, they see it when Postgres goes on.
  const visible = (at: number) => freezes.find(({ from, to }) => from <= at && at <= to)?.to ?? at;
  const chains = by(
    pointers.map((version) => ({ ...version, at: visible(version.at) })),
    ({ scope }) => scope,
  );
  for (const { at, scope, unit, revision, isStale, door } of samples) {
    if (isStale || revision === null) continue;
    const known = chains.get(scope)?.findLast((version) => version.at <= at - BOUND_MS);
    if (known && revision < known.revision)
      yield `${scope}: ${unit} is served revision ${revision}, ${at - known.at} ms after ${known.revision}, from the ${door}`;
  }
}

/** What is served is the active version of the revision that it says, or the one of the unit's arm. */
export function* asPointed({ samples, pointers }: History): Iterable<string> {
  const versions = new Map(pointers.map((version) => [`${version.scope} ${version.revision}`, version]));
  for (const sample of samples) {
    const { scope, unit, revision, version, isFallback } = sample;
    if (revision === null || isFallback) continue;
    const pointer = versions.get(`${scope} ${revision}`);
    if (!pointer) yield `${scope}: ${unit} is served revision ${revision}, which never was`;
    else if (version !== meant(pointer, sample))
      yield `${scope}: ${unit}, ${sample.arm}, is served ${version} at revision ${revision}, which shows ${meant(pointer, sample)}`;
  }
}

function meant({ active, candidate, previous, mode }: PointerVersion, { arm }: Sample): string | null {
  if (mode === "canary") return arm === "candidate" ? candidate : active;
  return mode === "holdback" && arm === "control" ? previous : active;
}

/** A service that has a snapshot has something to serve, also when it has just been started and the store is away. */
export function* neverNothing({ samples }: History): Iterable<string> {
  for (const { scope, unit, isFallback, door } of samples)
    if (isFallback) yield `${scope}: ${unit} is served the fallback, from the ${door}`;
}

export function* oneArm({ samples, pointers }: History): Iterable<string> {
  const modes = new Map(pointers.map(({ rolloutId, epoch, mode }) => [`${rolloutId} ${epoch}`, mode]));
  const arms = new Map<string, string>();
  for (const { unit, arm, rolloutId, epoch } of samples) {
    if (arm === "unenrolled") continue;
    const key = `${unit} of ${rolloutId}, ${modes.get(`${rolloutId} ${epoch}`)}`;
    const known = arms.get(key);
    if (known !== undefined && known !== arm) yield `${key}: ${known}, then ${arm}`;
    arms.set(key, arm);
  }
}

import { median } from "simple-statistics";
import type { AuditLine } from "../domain/shapes/audit.ts";
import type { CurveMark, MetricCurve, RolloutCurve } from "../domain/shapes/curve.ts";
import type { Evidence } from "../domain/rollout/verdict.ts";
import type { AssessmentInput } from "../statistics/decision/assessment-input.ts";
import { curveOf } from "../statistics/decision/edges/curve.ts";
import type { Database } from "../storage/database.ts";
import { readAudit } from "../storage/read/audit.ts";
import { type CurveLook, lookAt, looksAt, looksBetween, momentAt } from "../storage/read/curve-looks.ts";

export interface CurveRequest {
  readonly rolloutId: string;
  /** Looks at most, of those spread evenly; where the verdict has changed there are more. */
  readonly points: number;
  /** Only looks after this one. */
  readonly after?: number | undefined;
}

/** Changes of the verdict that are looked for between two looks. */
const MOST_CHANGES = 20;
const MOST_MARKS = 200;

/** What a rollout has seen, in so many looks: whatever it has seen in all, no more than these are read. */
export async function readCurve(db: Database, request: CurveRequest): Promise<RolloutCurve> {
  const { rolloutId, points, after = -1 } = request;
  const marks = (await readAudit(db, { rolloutId, limit: MOST_MARKS })).flatMap(markOf);
  const range = await looksBetween(db, rolloutId, after);
  if (!range) return { ...curveOf([]), marks };
  const spread = await looksAt(db, rolloutId, evenly(range, points));
  const unattended = await unattendedMarks(db, rolloutId, spread);
  const looks = await withChanges(db, rolloutId, spread);
  const curve = curveOf(looks);
  const metrics: Record<string, MetricCurve> = {};
  for (const [name, metric] of Object.entries(curve.metrics))
    metrics[name] = {
      ...metric,
      since: {
        met: await sinceWhen(db, rolloutId, looks, name, "met"),
        harm: await sinceWhen(db, rolloutId, looks, name, "harm"),
      },
    };
  const all = [...marks, ...unattended].toSorted((one, other) => Date.parse(one.at) - Date.parse(other.at));
  return { ...curve, metrics, marks: all };
}

function evenly({ first, last }: { first: number; last: number }, points: number): number[] {
  const many = Math.min(points, last - first + 1);
  if (many < 2) return [last];
  return Array.from({ length: many }, (_, at) => Math.round(first + ((last - first) * at) / (many - 1)));
}

/** With the looks at which the verdict became another one, found by halving what lies between two looks. */
async function withChanges(
  db: Database,
  rolloutId: string,
  looks: readonly CurveLook[],
): Promise<readonly CurveLook[]> {
  const found: number[] = [];
  for (const [at, look] of looks.entries()) {
    const before = looks[at - 1];
    if (!before || before.verdict === look.verdict || look.tick - before.tick < 2) continue;
    if (found.length === MOST_CHANGES) break;
    const first = await firstLook(
      db,
      rolloutId,
      [before.tick, look.tick],
      (one) => one.verdict === look.verdict,
    );
    found.push(first.tick);
  }
  if (found.length === 0) return looks;
  const all = new Map([...looks, ...(await looksAt(db, rolloutId, found))].map((look) => [look.tick, look]));
  return [...all.values()].toSorted((one, other) => one.tick - other.tick);
}

/** Times without a look that are looked for, the longest first. */
const MOST_GAPS = 10;

type Moment = Pick<CurveLook, "tick" | "at">;

/** When nobody had looked for longer than the lease: found by halving, between looks that are further apart than usual. */
async function unattendedMarks(
  db: Database,
  rolloutId: string,
  looks: readonly CurveLook[],
): Promise<CurveMark[]> {
  const newest = looks.at(-1);
  if (!newest || looks.length < 2) return [];
  const { lease_ms, interval_ms } = (newest.inputs as AssessmentInput).canary;
  const pairs = looks.slice(1).map((look, at): [Moment, Moment] => [looks[at]!, look]);
  // Looks that are all a little late are no gap.
  const usual = Math.max(interval_ms, median(pairs.map((pair) => lasted(pair) / ticksOf(pair))));
  const excess = (pair: readonly [Moment, Moment]) => lasted(pair) - ticksOf(pair) * usual;
  const late = pairs
    .filter((pair) => excess(pair) > lease_ms)
    .toSorted((one, other) => excess(other) - excess(one));
  const found: CurveMark[] = [];
  for (let [low, high] of late.slice(0, MOST_GAPS)) {
    while (high.tick - low.tick > 1) {
      const middle = await momentAt(db, rolloutId, Math.floor((low.tick + high.tick) / 2));
      if (!middle || middle.tick <= low.tick) break;
      if (excess([low, middle]) > excess([middle, high])) high = middle;
      else low = middle;
    }
    if (excess([low, high]) <= lease_ms) continue;
    const over = new Date(low.at.getTime() + lease_ms).toISOString();
    found.push({ at: over, kind: "unattended", text: "the lease was over: no worker had looked" });
  }
  return found;
}

const lasted = ([from, to]: readonly [Moment, Moment]) => to.at.getTime() - from.at.getTime();
const ticksOf = ([from, to]: readonly [Moment, Moment]) => to.tick - from.tick;

type Says = Pick<CurveLook, "tick" | "at" | "verdict" | "evidence">;

/** The first look of which something holds, between one of which it does not and one of which it does. */
async function firstLook(
  db: Database,
  rolloutId: string,
  [without, holding]: readonly [number, number],
  holds: (look: Says) => boolean,
): Promise<Says> {
  let [low, high] = [without, holding];
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    const look = await lookAt(db, rolloutId, middle);
    if (look && look.tick > low && holds(look)) high = look.tick;
    else low = middle;
  }
  return (await lookAt(db, rolloutId, high))!;
}

/** Since when a metric has been as it is at the newest look; null where that is something else. */
async function sinceWhen(
  db: Database,
  rolloutId: string,
  looks: readonly CurveLook[],
  metric: string,
  verdict: Evidence["verdict"],
): Promise<string | null> {
  const holds = ({ evidence }: Pick<CurveLook, "evidence">) =>
    evidence.some((line) => isOf(line, metric) && line.verdict === verdict);
  const before = looks.findLastIndex((look) => !holds(look));
  const [last, first] = [looks[before], looks[before + 1]];
  if (!first) return null;
  if (!last) return first.at.toISOString();
  return (await firstLook(db, rolloutId, [last.tick, first.tick], holds)).at.toISOString();
}

function isOf({ metric, role }: Evidence, name: string): boolean {
  return metric === name && (role === "goal" || role === "guardrail");
}

function markOf({ action, at, reason, details, asserted, principal, actor }: AuditLine): CurveMark[] {
  const who = principal?.name ?? asserted ?? actor;
  const texts: Readonly<Record<string, string>> = {
    rollout_started: `started by ${who}`,
    stage_opened: `${Number(details["share"] ?? 0) / 100} %`,
    approved: `approved by ${who}`,
    paused: `paused by ${who}`,
    resumed: `resumed by ${who}`,
    promoted: "released",
    rolled_back: "rolled back",
    rollout_ended: "ended",
    holdback_ended: "no longer watched",
  };
  const text = texts[action];
  return text === undefined
    ? []
    : [{ at, kind: action, text: reason === null ? text : `${text}: ${reason}` }];
}

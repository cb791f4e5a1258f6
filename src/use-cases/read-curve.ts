import { median } from "simple-statistics";
import type { AuditLine } from "../domain/shapes/audit.ts";
import type { CurveMark, MetricCurve, RolloutCurve } from "../domain/shapes/curve.ts";
import type { Evidence } from "../domain/rollout/verdict.ts";
import type { AssessmentInput } from "../statistics/decision/assessment-input.ts";
import { curveOf } from "../statistics/decision/edges/curve.ts";
import type { Database } from "../storage/database.ts";
import { readAudit } from "../storage/read/audit.ts";
import { type CurveLook, looksAt, looksBetween, momentAt, saysAt } from "../storage/read/curve-looks.ts";

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
  // All that lies between two looks is looked for together: each step of it is one read.
  const changes = changesBetween(spread);
  const sinces = metricsIn(spread).flatMap((metric) =>
    (["met", "harm"] as const).map((verdict) => ({
      metric,
      verdict,
      ...sinceBetween(spread, metric, verdict),
    })),
  );
  const sought = [...changes, ...sinces.flatMap(({ search }) => search ?? [])];
  const found = new Map((await firstLooks(db, rolloutId, sought)).map((look, at) => [sought[at]!, look]));
  const more = await looksAt(
    db,
    rolloutId,
    changes.map((one) => found.get(one)!.tick),
  );
  const curve = curveOf(inOrder([...spread, ...more]));
  const sinceOf = (name: string, wanted: Since["verdict"]) => {
    const one = sinces.find(({ metric, verdict }) => metric === name && verdict === wanted);
    const at = one?.search ? found.get(one.search)!.at : one?.at;
    return at?.toISOString() ?? null;
  };
  const metrics: Record<string, MetricCurve> = {};
  for (const [name, metric] of Object.entries(curve.metrics))
    metrics[name] = { ...metric, since: { met: sinceOf(name, "met"), harm: sinceOf(name, "harm") } };
  const all = [...marks, ...unattended].toSorted((one, other) => Date.parse(one.at) - Date.parse(other.at));
  return { ...curve, metrics, marks: all };
}

function inOrder(looks: readonly CurveLook[]): CurveLook[] {
  const each = new Map(looks.map((look) => [look.tick, look]));
  return [...each.values()].toSorted((one, other) => one.tick - other.tick);
}

function evenly({ first, last }: { first: number; last: number }, points: number): number[] {
  const many = Math.min(points, last - first + 1);
  if (many < 2) return [last];
  return Array.from({ length: many }, (_, at) => Math.round(first + ((last - first) * at) / (many - 1)));
}

/** Where the verdict became another one. */
function changesBetween(looks: readonly CurveLook[]): Search[] {
  return looks
    .flatMap((look, at): Search[] => {
      const before = looks[at - 1];
      if (!before || before.verdict === look.verdict || look.tick - before.tick < 2) return [];
      return [{ without: before.tick, holding: look.tick, holds: (one) => one.verdict === look.verdict }];
    })
    .slice(0, MOST_CHANGES);
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

/** For the first look of which something holds, between one of which it does not and one of which it does. */
interface Search {
  readonly without: number;
  readonly holding: number;
  readonly holds: (look: Says) => boolean;
}

/** What each search finds: by halving what lies between, all of them at once. */
async function firstLooks(db: Database, rolloutId: string, searches: readonly Search[]): Promise<Says[]> {
  const ranges = searches.map(({ without, holding, holds }) => ({ low: without, high: holding, holds }));
  for (;;) {
    const open = ranges.filter(({ low, high }) => high - low > 1);
    if (open.length === 0) break;
    const middles = open.map(({ low, high }) => Math.floor((low + high) / 2));
    const says = await saysAt(db, rolloutId, middles);
    for (const [at, range] of open.entries()) {
      const look = says[at];
      if (look && look.tick > range.low && range.holds(look)) range.high = look.tick;
      else range.low = middles[at]!;
    }
  }
  const found = await saysAt(
    db,
    rolloutId,
    ranges.map(({ high }) => high),
  );
  return found.map((look) => look!);
}

/** Since when a metric has been as it is at the newest look: at a look that there is, or one to be searched for. */
interface Since {
  readonly metric: string;
  readonly verdict: "met" | "harm";
  readonly at?: Date;
  readonly search?: Search;
}

/** Neither where it is something else at the newest look. */
function sinceBetween(
  looks: readonly CurveLook[],
  metric: string,
  verdict: Since["verdict"],
): Pick<Since, "at" | "search"> {
  const holds = ({ evidence }: Pick<CurveLook, "evidence">) =>
    evidence.some((line) => isOf(line, metric) && line.verdict === verdict);
  const before = looks.findLastIndex((look) => !holds(look));
  const [last, first] = [looks[before], looks[before + 1]];
  if (!first) return {};
  return last ? { search: { without: last.tick, holding: first.tick, holds } } : { at: first.at };
}

function metricsIn(looks: readonly CurveLook[]): string[] {
  return [...new Set(looks.flatMap(({ evidence }) => evidence.map(({ metric }) => metric)))];
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

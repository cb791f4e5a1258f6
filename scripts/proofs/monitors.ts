import { seededRandom } from "../../src/statistics/planning/seeded-random.ts";
import { type Finding, found, whole } from "../finding.ts";
import type { ProofOptions } from "../prove.ts";
import { FALLS_ON, type Month, toldOn } from "./monitors/regates.ts";
import { silences, type Traffic } from "./monitors/silences.ts";
import { ringsAt, type World } from "./monitors/simulate.ts";

/** Monitors of the installation that is imagined. */
const MONITORS = 200;
const QUARTER_HOURS = 91 * 24;
const QUARTERS = 400;
const CHANGES = 200;
const FORTNIGHT = 14 * 24;

const MONTHS = 600;
const FALSE_A_MONTH = 0.05;

const CALM: readonly (readonly [string, Pick<World, "rate" | "perHour">])[] = [
  ["errors 1 %, 60 calls an hour", { rate: 0.01, perHour: 60 }],
  ["refusals 2 %, 200 calls an hour", { rate: 0.02, perHour: 200 }],
  ["slow answers 5 %, 1,000 calls an hour", { rate: 0.05, perHour: 1_000 }],
  ["format failures 0.5 %, 1,000 calls an hour", { rate: 0.005, perHour: 1_000 }],
];
/** How often false alarms may be: of one monitor in a quarter, where 200 share one. */
const PROMISED = 1 / MONITORS;

/**
 * Monitors as workers run them, over simulated quarters: nothing changes, and none may ring more often than is promised,
 * with a swing of 35 % over the day and with references that have just enough calls; then rates rise, and how long it
 * takes is measured. A doubling of 2 % at 200 calls an hour has to be found within a day at the median.
 */
export function prove({ seed, minutes }: ProofOptions): Finding {
  const until = performance.now() + minutes * 60_000;
  const findings: Finding[] = [];
  for (const swing of [0, 0.35])
    for (const [what, calls] of CALM)
      for (const before of [FORTNIGHT, 30]) {
        const world = { ...calls, swing, before, hours: QUARTER_HOURS, monitors: MONITORS };
        findings.push(calm(`${what}, swing ${swing * 100} %, ${before} h before`, world, seed, until));
      }
  for (const [what, calls] of CALM) {
    const world = {
      ...calls,
      swing: 0,
      spike: 3,
      before: FORTNIGHT,
      hours: QUARTER_HOURS,
      monitors: MONITORS,
    };
    findings.push(calm(`${what}, three times in one hour of the day`, world, seed, until));
  }
  for (const [what, calls] of CALM)
    for (const factor of [1.5, 2, 3, 5]) {
      const change = { factor, at: 48 };
      const world = {
        ...calls,
        swing: 0,
        before: FORTNIGHT,
        hours: 48 + FORTNIGHT,
        change,
        monitors: MONITORS,
      };
      const isPromised = calls.rate === 0.02 && factor === 2;
      findings.push(changed(`${what}, times ${factor}`, world, seed, isPromised ? 24 : undefined));
    }
  for (const fall of [0, 0.1, 0.2])
    for (const cases of [60, 200]) findings.push(askedAgain({ cases, fall }, seed));
  for (const perHour of [10, 60, 500])
    for (const spread of [0.3, 0.5])
      findings.push(calmTraffic({ ...USUAL_TRAFFIC, perHour, days: spread, hours: spread }, seed, until));
  for (const perHour of [10, 60, 500])
    for (const left of [0, 0.05, 0.3]) findings.push(stopped({ ...USUAL_TRAFFIC, perHour }, left, seed));
  return whole(findings);
}

/** Half of the day has hardly a fifth of the other half; weekends and two holidays have a third of it. */
const USUAL_TRAFFIC = { perHour: 60, swing: 0.7, weekend: 0.3, days: 0.3, hours: 0.3, holidays: [30, 61] };

/** Quarters in which calls go on as ever: what of it is called silence. */
function calmTraffic(traffic: Traffic, seed: number, until: number): Finding {
  const { perHour, days } = traffic;
  let [runs, rang] = [0, 0];
  for (; runs < QUARTERS && performance.now() < until; runs++)
    if (
      silences(seededRandom(seed * 400_000 + runs), traffic, { hours: QUARTER_HOURS, monitors: 1 }).rang > 0
    )
      rang++;
  const said = `silence, ${perHour} calls an hour, days and hours that differ by ${days} in the logarithm: false alarms in ${rang} of ${runs} quarters`;
  if (days <= 0.3 && rang > PROMISED * QUARTERS) return found("VIOLATED", said);
  return found(runs === QUARTERS ? "holds" : "OPEN", said);
}

/** Calls stop, or nearly, on the third day at any hour. */
function stopped(traffic: Traffic, left: number, seed: number): Finding {
  const delays: number[] = [];
  for (let run = 0; run < CHANGES; run++) {
    const at = 48 + (run % 24);
    const world = { ...traffic, change: { left, at } };
    const { first } = silences(seededRandom(seed * 500_000 + run), world, { hours: at + 48, monitors: 1 });
    if (first !== undefined && first >= at) delays.push(first - at + 1);
  }
  delays.sort((a, b) => a - b);
  const share = Math.round((100 * delays.length) / CHANGES);
  const said = `${traffic.perHour} calls an hour, ${left * 100} % left: found in ${share} % of ${CHANGES} within two days, after ${delays[delays.length >> 1] ?? "no"} h at the median`;
  const isMet = left > 0 || traffic.perHour < 60 || share === 100;
  return found(isMet ? "holds" : "VIOLATED", said);
}

/** Months of tests that are asked again each day. */
function askedAgain(month: Month, seed: number): Finding {
  const days: number[] = [];
  for (let run = 0; run < MONTHS; run++) {
    const day = toldOn(month, seededRandom(seed * 300_000 + run));
    if (day !== undefined) days.push(day);
  }
  const early = days.filter((day) => day < FALLS_ON).length;
  const told = days.filter((day) => day >= FALLS_ON).map((day) => day - FALLS_ON + 1);
  const median = told.toSorted((a, b) => a - b)[told.length >> 1];
  const said = `${month.cases} cases asked again daily, a fall by ${month.fall * 100} points: ${
    month.fall === 0
      ? `${days.length} false alarms in ${MONTHS} months`
      : `found in ${Math.round((100 * told.length) / MONTHS)} % within 16 days, at the median on day ${median ?? "none"}`
  }`;
  const isMet = month.fall < 0.2 || month.cases < 200 || (told.length * 2 > MONTHS && median === 1);
  const isCalm = (month.fall === 0 ? days.length : early) <= FALSE_A_MONTH * MONTHS;
  return found(isMet && isCalm ? "holds" : "VIOLATED", said);
}

function calm(what: string, world: World, seed: number, until: number): Finding {
  let [runs, rang] = [0, 0];
  for (; runs < QUARTERS && performance.now() < until; runs++)
    if (ringsAt(seededRandom(seed * 100_000 + runs), world) !== undefined) rang++;
  const said = `${what}: ${rang} false alarms in ${runs} quarters; promised ${PROMISED * 100} % of them`;
  if (rang > Math.max(1, PROMISED * QUARTERS)) return found("VIOLATED", said);
  return found(runs === QUARTERS ? "holds" : "OPEN", said);
}

function changed(what: string, world: World, seed: number, limit: number | undefined): Finding {
  const { at } = world.change!;
  const delays: number[] = [];
  let early = 0;
  for (let run = 0; run < CHANGES; run++) {
    const hour = ringsAt(seededRandom(seed * 200_000 + run), world);
    if (hour !== undefined && hour < at) early++;
    else if (hour !== undefined) delays.push(hour - at + 1);
  }
  delays.sort((a, b) => a - b);
  const median = delays.length * 2 > CHANGES ? delays[CHANGES >> 1]! : undefined;
  const said = `${what}: found in ${Math.round((100 * delays.length) / CHANGES)} % of ${CHANGES} within 14 days, ${
    median === undefined ? "not at the median" : `after ${median} h at the median`
  }`;
  const isMet = limit === undefined || (median !== undefined && median <= limit);
  return found(isMet && early <= 1 ? "holds" : "VIOLATED", said);
}

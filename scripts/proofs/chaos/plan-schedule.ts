import { seededRandom } from "../../../src/local/model-server/seeded-random.ts";
import { type Fault, LANES, type Lane } from "./faults.ts";
import type { Door, OperationKind } from "./history.ts";

export interface PlannedFault {
  readonly fault: Fault;
  readonly lane: Lane;
  /** From the start of the schedule, in ms. */
  readonly at: number;
  readonly forMs: number;
  /** 0 to 1: which worker, which clock, which point. */
  readonly choice: number;
  /** What is asked for while it lasts, one list for each operator. */
  readonly operators: readonly (readonly PlannedOperation[])[];
}

export interface PlannedOperation {
  readonly tag: string;
  readonly kind: OperationKind;
  /** Through what it is asked. */
  readonly door: Exclude<Door, "relay">;
  /** Index of the scope. */
  readonly scope: number;
  /** How long after the operator's last one, in ms. */
  readonly afterMs: number;
  /** 0 to 1: which version. */
  readonly choice: number;
  /** Asked once more after it has been answered, as by a client that retries everything. */
  readonly again: boolean;
}

export interface Schedule {
  readonly seed: number;
  readonly lengthMs: number;
  readonly faults: readonly PlannedFault[];
  /** One list for each operator; each of them does one thing after the other. */
  readonly operators: readonly (readonly PlannedOperation[])[];
}

export const SCHEDULE_MS = 30_000;
const OPERATORS = 4;
export const SCOPES = 3;

/** How often each is done, of all. */
const WEIGHTS: Record<OperationKind, number> = {
  start: 8,
  replace: 4,
  pause: 3,
  resume: 4,
  abort: 1,
  promote: 2,
  approve: 3,
  roll_back: 1,
  set: 2,
};

/** Of what is asked for during a fault: what is begun in it has to be finished after it. */
const DURING_A_FAULT: Record<OperationKind, number> = {
  start: 2,
  replace: 3,
  pause: 4,
  resume: 4,
  abort: 3,
  promote: 1,
  approve: 1,
  roll_back: 1,
  set: 2,
};
const ASKED_DURING_A_FAULT = 3;
/** What one operator asks for in turn, of one rollout: too seldom does anything else begin and end under one fault. */
const IN_TURN: readonly OperationKind[] = ["pause", "resume", "pause"];

/** How many lanes have faults: alone, and in combination. */
const LANES_AT_ONCE = [1, 1, 2, 2, 2, 3, 5] as const;
/** Temporal is away for this long, which is longer than any other fault lasts. */
const AWAY_MS = 60_000;

/** The same seed gives the same schedule. */
export function planSchedule(seed: number, lengthMs: number = SCHEDULE_MS): Schedule {
  const random = seededRandom(seed);
  const names = Object.keys(LANES) as Lane[];
  const lanes = names
    .map((lane) => ({ lane, place: random() }))
    .toSorted((a, b) => a.place - b.place)
    .slice(0, pick(LANES_AT_ONCE, random()));
  const faults = lanes
    .flatMap(({ lane }) => planLane(lane, { seed, lengthMs, random, share: 1 / lanes.length }))
    .toSorted((a, b) => a.at - b.at);
  const operators = Array.from({ length: OPERATORS }, (_, operator) => {
    const operations: PlannedOperation[] = [];
    for (let at = 0; at < lengthMs;) {
      const afterMs = 100 + random() ** 2 * 2_500;
      at += afterMs;
      const tag = `op-${seed}-${operator}-${String(operations.length).padStart(3, "0")}`;
      operations.push(planOperation(random, tag, WEIGHTS, afterMs));
    }
    return operations;
  });
  return { seed, lengthMs, faults, operators };
}

interface LanePlan {
  readonly seed: number;
  readonly lengthMs: number;
  readonly random: () => number;
  /** Of all faults: with more lanes each has fewer, so that something is done in between. */
  readonly share: number;
}

function planLane(lane: Lane, { seed, lengthMs, random, share }: LanePlan): PlannedFault[] {
  const faults: PlannedFault[] = [];
  for (let at = 1_500 + (random() * 1_500) / share; at < lengthMs * 0.85;) {
    const fault = pick<Fault>(LANES[lane], random());
    const usual = 300 + random() ** 2 * 6_000;
    const forMs = fault === "temporal away" ? AWAY_MS : usual;
    const choice = random();
    const operator = `${seed}-${lane[0]}${faults.length}`;
    const operations = Array.from({ length: ASKED_DURING_A_FAULT }, (_, index) =>
      planOperation(random, `op-${operator}-${index}`, DURING_A_FAULT, (random() * usual) / 4),
    );
    const operators = (choice * 10) % 1 < 0.5 ? [inTurn(operations)] : operations.map((one) => [one]);
    faults.push({ fault, lane, at, forMs, choice, operators });
    at += forMs + (300 + random() * 2_000) / share;
  }
  return faults;
}

function inTurn(operations: readonly PlannedOperation[]): PlannedOperation[] {
  const { scope } = operations[0]!;
  return operations.map((one, index) => ({ ...one, kind: IN_TURN[index]!, scope, afterMs: one.afterMs / 4 }));
}

function planOperation(
  random: () => number,
  tag: string,
  weights: Record<OperationKind, number>,
  afterMs: number,
): PlannedOperation {
  const kind = weighted(weights, random());
  return {
    tag,
    kind,
    door: random() < 0.5 ? "database" : "server",
    scope: Math.floor(random() * SCOPES),
    afterMs,
    choice: random(),
    again: random() < 0.4,
  };
}

function weighted(weights: Record<OperationKind, number>, draw: number): OperationKind {
  const kinds = Object.entries(weights) as [OperationKind, number][];
  const total = kinds.reduce((sum, [, weight]) => sum + weight, 0);
  let left = draw * total;
  for (const [kind, weight] of kinds) if ((left -= weight) < 0) return kind;
  return "start";
}

function pick<T>(from: readonly T[], draw: number): T {
  return from[Math.floor(draw * from.length)]!;
}

import { seededRandom } from "../../../src/local/model-server/seeded-random.ts";
import type { OperationKind } from "./history.ts";

export const FAULTS = [
  "worker killed",
  "worker frozen",
  "worker's clock wrong",
  "postgres killed",
  "postgres frozen",
  "postgres read-only",
  "backend killed",
  "temporal killed",
  "connections cut",
  "connections silent",
  "answers lost",
  "answers late",
] as const;
export type Fault = (typeof FAULTS)[number];

export interface PlannedFault {
  readonly fault: Fault;
  /** From the start of the schedule, in ms. */
  readonly at: number;
  readonly forMs: number;
  /** 0 to 1: which worker, which clock. */
  readonly choice: number;
}

export interface PlannedOperation {
  readonly tag: string;
  readonly kind: OperationKind;
  /** Index of the scope. */
  readonly scope: number;
  /** How long after the operator's last one, in ms. */
  readonly afterMs: number;
  /** 0 to 1: which version. */
  readonly choice: number;
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
};

/** The same seed gives the same schedule. */
export function planSchedule(seed: number, lengthMs: number = SCHEDULE_MS): Schedule {
  const random = seededRandom(seed);
  const faults: PlannedFault[] = [];
  for (let at = 1_500 + random() * 1_500; at < lengthMs * 0.85;) {
    const forMs = 300 + random() ** 2 * 6_000;
    faults.push({ fault: pick(FAULTS, random()), at, forMs, choice: random() });
    at += forMs + 300 + random() * 2_000;
  }
  const operators = Array.from({ length: OPERATORS }, (_, operator) => {
    const operations: PlannedOperation[] = [];
    for (let at = 0; at < lengthMs;) {
      const afterMs = 100 + random() ** 2 * 2_500;
      at += afterMs;
      const kind = weighted(random());
      operations.push({
        tag: `op-${seed}-${operator}-${String(operations.length).padStart(3, "0")}`,
        kind,
        scope: Math.floor(random() * SCOPES),
        afterMs,
        choice: random(),
      });
    }
    return operations;
  });
  return { seed, lengthMs, faults, operators };
}

function weighted(draw: number): OperationKind {
  const kinds = Object.entries(WEIGHTS) as [OperationKind, number][];
  const total = kinds.reduce((sum, [, weight]) => sum + weight, 0);
  let left = draw * total;
  for (const [kind, weight] of kinds) if ((left -= weight) < 0) return kind;
  return "start";
}

function pick<T>(from: readonly T[], draw: number): T {
  return from[Math.floor(draw * from.length)]!;
}

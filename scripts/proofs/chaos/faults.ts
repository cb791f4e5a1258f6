/**
 * What can go wrong, by where: of each lane one thing at a time, since two of them would undo each other, and of
 * several lanes anything together.
 */
export const LANES = {
  workers: ["worker killed", "worker killed at a point", "worker frozen", "worker's clock wrong"],
  store: [
    "postgres killed",
    "postgres frozen",
    "postgres read-only",
    "postgres full",
    "pointers locked",
    "backend killed",
  ],
  network: [
    "connections cut",
    "connections silent",
    "connections refused",
    "answers lost",
    "acknowledgements lost",
    "answers late",
  ],
  temporal: ["temporal killed", "temporal away"],
  doors: ["server killed", "server frozen", "relay killed", "relay cut off", "disk full", "service killed"],
} as const;

export type Lane = keyof typeof LANES;
export type Fault = (typeof LANES)[Lane][number];

export const FAULTS: readonly Fault[] = Object.values(LANES).flat();

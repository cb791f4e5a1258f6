import type { RolloutSetting } from "../rollout/reading.ts";
import type { RolloutStatus } from "../rollout/rollout.ts";

/** How whoever reads writes a moment: `14:00` of today, `Sat 14:00`. */
export type WriteTime = (iso: string) => string;

/** What telling of a rollout's state takes of whoever reads: how they write a moment, and how far off it is, in ms. */
export interface Telling {
  readonly time: WriteTime;
  readonly msUntil: (iso: string) => number;
}

/** Of a status from before it had one. */
const NO_SETTING: RolloutSetting = {
  users: "users",
  names: {},
  readings: [],
  fuses: [],
  lastStage: false,
  stage: null,
  maxUnits: null,
  unattendedSince: null,
  approval: null,
  pausedBy: null,
  tests: null,
  watchedUntil: null,
  deadLetterId: null,
};

/** What its sentences are made of. */
export function settingOf({ setting = NO_SETTING }: Pick<RolloutStatus, "setting">): RolloutSetting {
  return setting;
}

/** `@7` of `support-reply@7`. */
export function shortName(version: string): string {
  return version.slice(version.lastIndexOf("@"));
}

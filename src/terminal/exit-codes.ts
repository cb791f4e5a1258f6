import type { ErrorCode } from "../domain/errors.ts";

/** What the command ends with. 1, 3 and 4 also come from how a rollout ends (domain/rollout.ts). */
export const EXIT = {
  yes: 0,
  no: 1,
  usage: 2,
  notEnough: 3,
  conflict: 4,
  unavailable: 5,
  changes: 10,
  bug: 70,
  interrupted: 130,
  terminated: 143,
} as const;

const BY_CODE: Readonly<Record<ErrorCode, number>> = {
  invalid_input: EXIT.usage,
  not_found: EXIT.usage,
  forbidden: EXIT.usage,
  gate_failed: EXIT.no,
  conflict: EXIT.conflict,
  stale_evidence: EXIT.conflict,
  unavailable: EXIT.unavailable,
  internal: EXIT.bug,
};

export function exitCodeOf(code: ErrorCode): number {
  return BY_CODE[code];
}

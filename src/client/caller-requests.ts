import { invalidInput } from "../domain/errors.ts";
import { assertLabel } from "../domain/names.ts";
import type { PushRequest } from "./push-requests.ts";

export interface CallersRequest {
  readonly prompt: string;
  /** Those of one label; absent: of all. */
  readonly label?: string | undefined;
  /** Of so many days, 7 when absent; at most 90. */
  readonly days?: number | undefined;
}

export interface ImpactRequest extends Omit<CallersRequest, "prompt"> {
  /** A version that there is: `support-reply@7`, or the newest of `support-reply`. */
  readonly version?: string | undefined;
  /** Instead: a prompt file that is no version yet, as a text or a value. */
  readonly file?: PushRequest["file"] | undefined;
}

const MOST_DAYS = 90;

/** Label and days of a request, checked: `invalid_input` says which cannot be. */
export function callersOf({ label, days }: Omit<CallersRequest, "prompt">): Omit<CallersRequest, "prompt"> {
  if (days !== undefined && !(Number.isInteger(days) && days >= 1 && days <= MOST_DAYS))
    throw invalidInput(`days: a whole number from 1 to ${MOST_DAYS}, not ${days}`, { days });
  return { label: label === undefined ? undefined : assertLabel(label), days };
}

/** What a request is about: a version, or else a file. `invalid_input` where it is both or neither. */
export function subjectOfImpact({
  version,
  file,
}: ImpactRequest): { readonly version: string } | { readonly file: NonNullable<ImpactRequest["file"]> } {
  if (version !== undefined && file === undefined) return { version };
  if (file !== undefined && version === undefined) return { file };
  throw invalidInput("name a version, as in support-reply@7, or give a file, and not both");
}

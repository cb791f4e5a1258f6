/**
 * What a statistic returns when it is not defined for its input. Every public function here returns
 * either `{ ok: true, … }` with finite numbers only, or this; never NaN, Infinity or a made-up p-value.
 */
export interface Undetermined {
  readonly ok: false;
  /** `not_enough_data`: more units may help. `invalid_input`: no amount of data will. */
  readonly reason: "not_enough_data" | "invalid_input";
  /** One plain sentence that says what is missing or wrong. */
  readonly detail: string;
}

export type Determined<T> = T & { readonly ok: true };

/** A statistic, or why there is none. Branch on `ok`. */
export type Result<T> = Determined<T> | Undetermined;

export function notEnoughData(detail: string): Undetermined {
  return { ok: false, reason: "not_enough_data", detail };
}

export function invalid(detail: string): Undetermined {
  return { ok: false, reason: "invalid_input", detail };
}

/**
 * A result whose every number is finite, or `not_enough_data`: inputs near the ends of a double (1e200)
 * overflow on the way, and what is left of them says nothing.
 */
export function finite<T extends object>(value: T): Result<T> {
  for (const item of Object.values(value) as unknown[])
    if (typeof item === "number" && !Number.isFinite(item))
      return notEnoughData("the numbers are too large or too small to compute with");
  return { ok: true, ...value };
}

/** What is wrong with an error rate, or undefined when it lies between 0 and 1. */
export function alphaProblem(alpha: number): Undetermined | undefined {
  return alpha > 0 && alpha < 1 ? undefined : invalid(`alpha must lie between 0 and 1, not ${alpha}`);
}

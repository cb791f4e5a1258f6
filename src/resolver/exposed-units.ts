import { LRUCache } from "lru-cache";
import type { Enrolment } from "./serving.ts";

/**
 * Units whose exposure has been recorded, so that a unit costs the store one row and not one a request.
 * The ones seen longest ago are forgotten; the store does not count them twice.
 */
export class ExposedUnits {
  readonly #max: number;
  #seen: LRUCache<string, true> | undefined;

  constructor(max: number) {
    this.#max = max;
  }

  /** True the first time. */
  add(enrolment: Enrolment, tenant: string, unit: string): boolean {
    const key = exposureKey(enrolment, tenant, unit);
    this.#seen ??= new LRUCache<string, true>({ max: this.#max });
    if (this.#seen.get(key)) return false;
    this.#seen.set(key, true);
    return true;
  }

  /** The exposure was not recorded after all. */
  remove(enrolment: Enrolment, tenant: string, unit: string): void {
    this.#seen?.delete(exposureKey(enrolment, tenant, unit));
  }
}

function exposureKey({ rolloutId, epoch }: Enrolment, tenant: string, unit: string): string {
  return `${rolloutId} ${epoch} ${tenant}\0${unit}`;
}

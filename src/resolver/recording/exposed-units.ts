import type { Enrolment } from "../serving/serving.ts";

/** Units by rollout and epoch. */
type Seen = Map<string, Set<string>>;

/**
 * Units whose exposure has been recorded, so that a unit costs the store one row and not one a request.
 * Kept in two generations: when the young one has half of `max`, the old one is forgotten, so a unit stays
 * at least until half of `max` others have come. The store counts a unit that is sent again only once.
 */
export class ExposedUnits {
  readonly #half: number;
  #young: Seen = new Map();
  #old: Seen = new Map();
  #youngCount = 0;

  constructor(max: number) {
    this.#half = Math.ceil(max / 2);
  }

  /** True the first time. */
  add(enrolment: Enrolment, tenant: string, unit: string): boolean {
    const name = nameOf(tenant, unit);
    let units = this.#young.get(enrolment.key);
    if (units?.has(name)) return false;
    if (this.#youngCount >= this.#half) {
      this.#old = this.#young;
      this.#young = new Map();
      this.#youngCount = 0;
      units = undefined;
    }
    if (units === undefined) this.#young.set(enrolment.key, (units = new Set()));
    units.add(name);
    this.#youngCount++;
    return !this.#old.get(enrolment.key)?.has(name);
  }

  /** The exposure was not recorded after all. */
  remove(enrolment: Enrolment, tenant: string, unit: string): void {
    const name = nameOf(tenant, unit);
    if (this.#young.get(enrolment.key)?.delete(name)) this.#youngCount--;
    this.#old.get(enrolment.key)?.delete(name);
  }
}

function nameOf(tenant: string, unit: string): string {
  return tenant === "" ? unit : `${tenant}\0${unit}`;
}

import { counted } from "../../domain/text/counted.ts";
import { type FilterContext, NO_OWN_FILTERS, type OwnFilters } from "./filter.ts";
import { FILTERS } from "./filters.ts";
import { measureValue } from "./measure.ts";
import { methodOf } from "./methods.ts";
import { JinjaRuntimeError } from "./nodes.ts";
import {
  Callable,
  Group,
  isDict,
  isFloat,
  isNumber,
  itemOf,
  jsonOf,
  lengthOf,
  Namespace,
  numberOf,
  textOf,
  Undefined,
} from "./python.ts";
import { Loop } from "./scope.ts";
import { TESTS } from "./tests.ts";

/** What a single rendering may use; see docs/decisions/template-engine.md for how the numbers were chosen. */
export interface JinjaLimits {
  /** Steps: one per node evaluated, more for long texts and lists. */
  readonly fuel: number;
  /** Characters in any one text, also in between. */
  readonly characters: number;
}

export const JINJA_LIMITS: JinjaLimits = { fuel: 500_000, characters: 4_000_000 };

type Evaluated = ReadonlyMap<string, unknown>;

/** A value as JSON data. */
function plain(value: unknown): unknown {
  return typeof value === "string" ? value : (JSON.parse(jsonOf(value)) as unknown);
}

/**
 * What values a template meets, with a budget: each step is counted, sizes are bounded before something large is
 * built.
 */
export class BoundedValues implements FilterContext {
  #fuel: number;
  readonly #limits: JinjaLimits;
  readonly #ownFilters: OwnFilters;
  readonly #sizes = new WeakMap<object, number>();

  constructor(limits: JinjaLimits, ownFilters = NO_OWN_FILTERS) {
    this.#ownFilters = ownFilters;
    this.#fuel = limits.fuel;
    this.#limits = limits;
  }

  spend(steps: number): void {
    this.#fuel -= steps;
    if (this.#fuel < 0)
      throw new JinjaRuntimeError(
        `the template needs more than ${this.#limits.fuel} steps to render; make its loops or lists smaller`,
      );
  }

  bound(characters: number): void {
    if (characters > this.#limits.characters)
      throw new JinjaRuntimeError(
        `a text grows past ${counted(this.#limits.characters, "character")} while the template is rendered`,
      );
  }

  filter(name: string, value: unknown, args: readonly unknown[], kwargs: Evaluated): unknown {
    const own = this.#ownFilters.get(name);
    if (own) return this.checked(own(plain(value), args.map(plain)));
    const filter = FILTERS.get(name);
    if (!filter) throw new JinjaRuntimeError(`there is no filter "${name}"`);
    return this.checked(filter(this, value, args, kwargs));
  }

  test(name: string, value: unknown, args: readonly unknown[]): boolean {
    const test = TESTS.get(name);
    if (!test) throw new JinjaRuntimeError(`there is no test "${name}"`);
    return test(value, args);
  }

  attribute(value: unknown, path: unknown): unknown {
    if (isNumber(path)) return this.item(value, path);
    let current = value;
    for (const part of textOf(path).split(".")) {
      if (current instanceof Undefined) return current;
      const found = this.member(current, part);
      current = found instanceof Undefined && /^\d+$/.test(part) ? this.item(current, Number(part)) : found;
    }
    return current;
  }

  /** Bounds a value with all that is in it. */
  protected measure(value: object): void {
    measureValue(value, this.#sizes, this.#limits.characters);
  }

  protected checked(value: unknown): unknown {
    if (typeof value === "string") {
      this.bound(value.length);
      this.spend(value.length >> 8);
    } else if (typeof value === "object" && value !== null && (Array.isArray(value) || isDict(value))) {
      const known = this.#sizes.has(value);
      this.spend(known ? lengthOf(value) >> 5 : lengthOf(value));
      this.measure(value);
    } else if (value instanceof Namespace) this.measure(value);
    return value;
  }

  /** `object.name`: an item of an object comes before a method, which is only looked for where it is called. */
  protected member(object: unknown, name: string): unknown {
    if (object instanceof Loop) return object.get(name) ?? new Undefined(`loop.${name}`);
    if (object instanceof Namespace) return object.attributes.get(name) ?? new Undefined(name);
    if (object instanceof Group && (name === "grouper" || name === "list")) return object[name];
    const found = isDict(object) ? itemOf(object, name) : undefined;
    if (found !== undefined) return found;
    const method = methodOf(this, object, name);
    return method ? new Callable(method) : new Undefined(name);
  }

  protected item(object: unknown, key: unknown): unknown {
    if (object instanceof Namespace || object instanceof Loop) return this.member(object, textOf(key));
    if (isDict(object)) return itemOf(object, isNumber(key) ? numberOf(key) : key) ?? new Undefined();
    if (!isNumber(key) || isFloat(key)) return new Undefined();
    const at = numberOf(key);
    if (typeof object === "string") {
      this.spend(object.length >> 5);
      return [...object].at(at) ?? new Undefined();
    }
    return Array.isArray(object) && at >= -object.length
      ? (object.at(at) ?? new Undefined())
      : new Undefined();
  }
}

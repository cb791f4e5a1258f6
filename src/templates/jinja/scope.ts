import { Callable, equal } from "./python.ts";

/** Names of one block of a template; what is set in it is gone when it ends. */
export class Scope {
  readonly #values = new Map<string, unknown>();
  readonly #outer: Scope | undefined;

  constructor(outer?: Scope) {
    this.#outer = outer;
  }

  get(name: string): unknown {
    if (this.#values.has(name)) return this.#values.get(name);
    return this.#outer?.get(name);
  }

  set(name: string, value: unknown): void {
    this.#values.set(name, value);
  }
}

/** What `loop` is in the body of a `for`. */
export class Loop {
  readonly items: readonly unknown[];
  readonly depth0: number;
  index0 = 0;
  readonly #recurse: ((items: unknown) => string) | undefined;
  #last: unknown;

  constructor(items: readonly unknown[], depth0: number, recurse: ((items: unknown) => string) | undefined) {
    this.items = items;
    this.depth0 = depth0;
    this.#recurse = recurse;
  }

  /** `loop(children)` in a recursive loop. */
  call(items: unknown): string | undefined {
    return this.#recurse?.(items);
  }

  /** Undefined where there is nothing of this name, or nothing before or after. */
  get(name: string): unknown {
    const { items, index0, depth0 } = this;
    switch (name) {
      case "index":
        return index0 + 1;
      case "index0":
        return index0;
      case "revindex":
        return items.length - index0;
      case "revindex0":
        return items.length - index0 - 1;
      case "first":
        return index0 === 0;
      case "last":
        return index0 === items.length - 1;
      case "length":
        return items.length;
      case "depth":
        return depth0 + 1;
      case "depth0":
        return depth0;
      case "previtem":
        return items[index0 - 1];
      case "nextitem":
        return items[index0 + 1];
      case "cycle":
        return new Callable((args) => args[index0 % Math.max(1, args.length)]);
      case "changed":
        return new Callable((args) => {
          const isSame = this.#last !== undefined && equal(this.#last, args);
          this.#last = args;
          return !isSame;
        });
      default:
        return undefined;
    }
  }
}

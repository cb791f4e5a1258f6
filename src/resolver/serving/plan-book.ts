import { LRUCache } from "lru-cache";
import type { PointerEntry } from "../memory/pointer-entry.ts";
import type { PlanState } from "./plan.ts";
import type { ServedRequest } from "./serving.ts";

/** One remembered request. Its state is replaced when a pointer it depends on moves. */
export interface Plan {
  /** As the request spelt it: what it is found under. */
  readonly asked: AskedFor;
  readonly request: ServedRequest;
  /** None for one from the snapshot, until the store has answered. */
  entries: readonly PointerEntry[];
  state: PlanState;
  /** Preloaded: never forgotten. */
  kept: boolean;
  /** When it was last used, as the reader counts time: in ms, from one poll to the next. */
  usedAt: number;
}

export interface AskedFor {
  readonly label: string;
  readonly prompt: string;
  readonly model: string;
  readonly tenant: string;
}

/** The plans of one label and prompt, or of one model of it. */
interface Shelf {
  plan: Plan | undefined;
  tenants: Map<string, Plan> | undefined;
  models: Map<string, Shelf> | undefined;
}

/**
 * The plans in memory, found without making a key: maps inside maps, by label, prompt, model and tenant.
 * Past `max`, the one used longest ago is forgotten.
 */
export class PlanBook {
  readonly #labels = new Map<string, Map<string, Shelf>>();
  readonly #own: Map<string, Shelf>;
  readonly #recent: LRUCache<Plan, true>;
  readonly #kept = new Set<Plan>();
  readonly #onForget: (plan: Plan) => void;
  #newest: Plan | undefined;

  /** `onForget` is called for each plan that goes, for whatever reason. */
  constructor(label: string, max: number, onForget: (plan: Plan) => void) {
    this.#own = new Map();
    this.#onForget = onForget;
    this.#labels.set(label, this.#own);
    this.#recent = new LRUCache<Plan, true>({
      max,
      dispose: (_, plan) => {
        if (!plan.kept) this.#gone(plan);
      },
    });
  }

  get size(): number {
    return this.#recent.size + this.#kept.size;
  }

  /** The plan of a request as it is spelt. Called for every resolution. */
  find(
    label: string | undefined,
    prompt: string,
    model: string | undefined,
    tenant: string | undefined,
  ): Plan | undefined {
    const prompts = label === undefined ? this.#own : this.#labels.get(label);
    let shelf = prompts?.get(prompt);
    if (shelf !== undefined && model !== undefined && model !== "") shelf = shelf.models?.get(model);
    if (shelf === undefined) return undefined;
    const plan = tenant === undefined || tenant === "" ? shelf.plan : shelf.tenants?.get(tenant);
    if (plan !== undefined && plan !== this.#newest) this.#touch(plan);
    return plan;
  }

  #touch(plan: Plan): void {
    this.#newest = plan;
    if (!plan.kept) this.#recent.get(plan);
  }

  /** Takes the place of the plan that the same request had. */
  add(plan: Plan): void {
    const { label, prompt, model, tenant } = plan.asked;
    const before = this.find(label, prompt, model, tenant);
    if (before !== undefined) this.forget(before);
    const prompts = getOrAdd(this.#labels, label, () => new Map<string, Shelf>());
    let shelf = getOrAdd(prompts, prompt, newShelf);
    if (model !== "") shelf = getOrAdd((shelf.models ??= new Map()), model, newShelf);
    if (tenant === "") shelf.plan = plan;
    else (shelf.tenants ??= new Map()).set(tenant, plan);
    if (plan.kept) this.#kept.add(plan);
    else this.#recent.set(plan, true);
    // Whatever was found last is not the newest any more: it has to be touched again when it is found.
    this.#newest = plan;
  }

  /** From now on it is never forgotten. */
  keep(plan: Plan): void {
    if (plan.kept) return;
    plan.kept = true;
    this.#kept.add(plan);
    this.#recent.delete(plan);
  }

  forget(plan: Plan): void {
    if (this.#kept.delete(plan)) this.#gone(plan);
    else this.#recent.delete(plan);
  }

  *all(): Iterable<Plan> {
    yield* this.#kept;
    yield* this.#recent.keys();
  }

  #gone(plan: Plan): void {
    this.#unshelve(plan);
    this.#onForget(plan);
  }

  #unshelve(plan: Plan): void {
    if (this.#newest === plan) this.#newest = undefined;
    const { label, prompt, model, tenant } = plan.asked;
    const prompts = this.#labels.get(label);
    const top = prompts?.get(prompt);
    const shelf = model === "" ? top : top?.models?.get(model);
    if (!prompts || !top || !shelf) return;
    if (tenant === "") shelf.plan = undefined;
    else shelf.tenants?.delete(tenant);
    if (shelf !== top && isEmpty(shelf)) top.models?.delete(model);
    if (isEmpty(top)) prompts.delete(prompt);
    if (prompts.size === 0 && prompts !== this.#own) this.#labels.delete(label);
  }
}

const newShelf = (): Shelf => ({ plan: undefined, tenants: undefined, models: undefined });

function isEmpty({ plan, tenants, models }: Shelf): boolean {
  return plan === undefined && !tenants?.size && !models?.size;
}

function getOrAdd<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  let value = map.get(key);
  if (value === undefined) {
    value = make();
    map.set(key, value);
  }
  return value;
}

import { LRUCache } from "lru-cache";
import type { PointerEntry } from "../memory/pointer-entry.ts";
import type { RouteState } from "./route.ts";
import type { ServedRequest } from "./serving.ts";

/** One remembered request. Its state is replaced when a pointer it depends on moves. */
export interface Route {
  /** As the request spelt it: what it is found under. */
  readonly requested: RequestedScope;
  readonly request: ServedRequest;
  /** None for one from the snapshot, until the store has answered. */
  entries: readonly PointerEntry[];
  state: RouteState;
  /** Preloaded: never forgotten. */
  kept: boolean;
  /** When it was last used, as the reader counts time: in ms, from one poll to the next. */
  usedAt: number;
}

export interface RequestedScope {
  readonly label: string;
  readonly prompt: string;
  readonly model: string;
  readonly tenant: string;
}

/** The routes of one label and prompt, or of one model of it. */
interface Node {
  route: Route | undefined;
  tenants: Map<string, Route> | undefined;
  models: Map<string, Node> | undefined;
}

/**
 * The routes in memory, found without making a key: maps inside maps, by label, prompt, model and tenant.
 * Past `max`, the one used longest ago is forgotten.
 */
export class RouteCache {
  readonly #labels = new Map<string, Map<string, Node>>();
  readonly #own: Map<string, Node>;
  readonly #recent: LRUCache<Route, true>;
  readonly #kept = new Set<Route>();
  readonly #onForget: (route: Route) => void;
  #newest: Route | undefined;

  /** `onForget` is called for each route that goes, for whatever reason. */
  constructor(label: string, max: number, onForget: (route: Route) => void) {
    this.#own = new Map();
    this.#onForget = onForget;
    this.#labels.set(label, this.#own);
    this.#recent = new LRUCache<Route, true>({
      max,
      dispose: (_, route) => {
        if (!route.kept) this.#gone(route);
      },
    });
  }

  get size(): number {
    return this.#recent.size + this.#kept.size;
  }

  /** The route of a request as it is spelt. Called for every resolution. */
  find(
    label: string | undefined,
    prompt: string,
    model: string | undefined,
    tenant: string | undefined,
  ): Route | undefined {
    const prompts = label === undefined ? this.#own : this.#labels.get(label);
    let node = prompts?.get(prompt);
    if (node !== undefined && model !== undefined && model !== "") node = node.models?.get(model);
    if (node === undefined) return undefined;
    const route = tenant === undefined || tenant === "" ? node.route : node.tenants?.get(tenant);
    if (route !== undefined && route !== this.#newest) this.#touch(route);
    return route;
  }

  #touch(route: Route): void {
    this.#newest = route;
    if (!route.kept) this.#recent.get(route);
  }

  /** Takes the place of the route that the same request had. */
  add(route: Route): void {
    const { label, prompt, model, tenant } = route.requested;
    const before = this.find(label, prompt, model, tenant);
    if (before !== undefined) this.forget(before);
    const prompts = getOrAdd(this.#labels, label, () => new Map<string, Node>());
    let node = getOrAdd(prompts, prompt, newNode);
    if (model !== "") node = getOrAdd((node.models ??= new Map()), model, newNode);
    if (tenant === "") node.route = route;
    else (node.tenants ??= new Map()).set(tenant, route);
    if (route.kept) this.#kept.add(route);
    else this.#recent.set(route, true);
    // Whatever was found last is not the newest any more: it has to be touched again when it is found.
    this.#newest = route;
  }

  /** From now on it is never forgotten. */
  keep(route: Route): void {
    if (route.kept) return;
    route.kept = true;
    this.#kept.add(route);
    this.#recent.delete(route);
  }

  forget(route: Route): void {
    if (this.#kept.delete(route)) this.#gone(route);
    else this.#recent.delete(route);
  }

  *all(): Iterable<Route> {
    yield* this.#kept;
    yield* this.#recent.keys();
  }

  #gone(route: Route): void {
    this.#remove(route);
    this.#onForget(route);
  }

  #remove(route: Route): void {
    if (this.#newest === route) this.#newest = undefined;
    const { label, prompt, model, tenant } = route.requested;
    const prompts = this.#labels.get(label);
    const top = prompts?.get(prompt);
    const node = model === "" ? top : top?.models?.get(model);
    if (!prompts || !top || !node) return;
    if (tenant === "") node.route = undefined;
    else node.tenants?.delete(tenant);
    if (node !== top && isEmpty(node)) top.models?.delete(model);
    if (isEmpty(top)) prompts.delete(prompt);
    if (prompts.size === 0 && prompts !== this.#own) this.#labels.delete(label);
  }
}

const newNode = (): Node => ({ route: undefined, tenants: undefined, models: undefined });

function isEmpty({ route, tenants, models }: Node): boolean {
  return route === undefined && !tenants?.size && !models?.size;
}

function getOrAdd<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  let value = map.get(key);
  if (value === undefined) {
    value = make();
    map.set(key, value);
  }
  return value;
}

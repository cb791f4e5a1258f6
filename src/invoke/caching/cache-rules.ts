import { invalidInput } from "../../domain/errors.ts";
import { shown } from "../../domain/text/visible.ts";
import { memoryCache, type ResponseCache } from "./response-cache.ts";

/** How answers of a prompt are given again. */
export interface CacheRule {
  /** For how long, in milliseconds; a day at most. */
  readonly ttlMs: number;
  /** Who may be given the same answer: everybody of a tenant (default), one unit alone, or everybody. */
  readonly scope?: "tenant" | "unit" | "global";
  /** For how long after that an answer is still given where no model answers, in milliseconds. Default 0. */
  readonly staleIfErrorMs?: number;
}

/** What is cached: the prompts that are named, and no other. */
export interface CacheOptions {
  readonly prompts: Readonly<Record<string, CacheRule>>;
  /** Default: this process' memory, 64 MB of it. */
  readonly store?: ResponseCache;
}

export interface Caching {
  readonly rules: ReadonlyMap<string, Required<CacheRule>>;
  readonly store: ResponseCache;
}

const DAY_MS = 86_400_000;
const SCOPES = ["tenant", "unit", "global"] as const;

/** What is wrong with a rule is `invalid_input`. */
export function readCaching({ prompts, store = memoryCache() }: CacheOptions): Caching {
  if (typeof prompts !== "object" || prompts === null)
    throw invalidInput('cache.prompts: name the prompts, as in { "support-reply": { ttlMs: 3_600_000 } }');
  const rules = new Map(Object.entries(prompts).map(([prompt, rule]) => [prompt, readRule(prompt, rule)]));
  return { rules, store };
}

function readRule(prompt: string, rule: CacheRule): Required<CacheRule> {
  const { ttlMs, scope = "tenant", staleIfErrorMs = 0 } = rule ?? {};
  const where = `cache.prompts[${shown(prompt)}]`;
  if (!(ttlMs > 0 && ttlMs <= DAY_MS))
    throw invalidInput(`${where}.ttlMs: use milliseconds, a day (${DAY_MS}) at most, not ${String(ttlMs)}`);
  if (!(staleIfErrorMs >= 0 && staleIfErrorMs <= DAY_MS))
    throw invalidInput(`${where}.staleIfErrorMs: use milliseconds, a day (${DAY_MS}) at most`);
  if (!SCOPES.includes(scope))
    throw invalidInput(`${where}.scope: use tenant, unit or global, not ${String(scope)}`);
  return { ttlMs, scope, staleIfErrorMs };
}

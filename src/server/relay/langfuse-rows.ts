import { LRUCache } from "lru-cache";
import * as v from "valibot";
import { unavailable } from "../../domain/errors.ts";
import { langfuseRow } from "../contract/langfuse.ts";
import { GRANTS_HEADER, grantsText } from "../auth/narrowed.ts";
import type { Upstream } from "./upstream.ts";

/** What labels and tags a version has may change: for so long what was said of them is passed on, in ms. */
const BELIEVED_MS = 5_000;
const MOST = 10_000;

export type LangfuseRow = v.InferOutput<typeof langfuseRow>;
interface Known {
  /** Undefined: there is no such version. */
  readonly row: LangfuseRow | undefined;
  readonly at: number;
}

/** What Langfuse's clients are told of versions beside what is in them: who made one, when, its labels and tags. */
export class LangfuseRows {
  readonly #upstream: Pick<Upstream, "ask">;
  readonly #known = new LRUCache<string, Known>({ max: MOST });
  readonly #pending = new Map<string, Promise<Known>>();

  constructor(upstream: Pick<Upstream, "ask">) {
    this.#upstream = upstream;
  }

  /** Of a version, or the newest one; as it was said last while the server cannot be asked. */
  async read(prompt: string, version: number | "latest"): Promise<LangfuseRow | undefined> {
    const which = version === "latest" ? "label=latest" : `version=${version}`;
    const path = `/api/public/v2/prompts/${encodeURIComponent(prompt)}?${which}`;
    const known = this.#known.get(path);
    if (known && performance.now() - known.at < BELIEVED_MS) return known.row;
    let pending = this.#pending.get(path);
    if (!pending) {
      pending = this.#ask(path).finally(() => this.#pending.delete(path));
      this.#pending.set(path, pending);
    }
    try {
      return (await pending).row;
    } catch (error) {
      if (known) return known.row;
      throw error;
    }
  }

  async #ask(path: string): Promise<Known> {
    const at = performance.now();
    // The key that asks here says how values that nobody trusts are written; that is done here.
    const headers = { [GRANTS_HEADER]: grantsText({ langfuse: { untrusted: "delimit" } }) };
    const response = await this.#upstream.ask(path, { headers });
    if (response.status === 404) {
      await response.body?.cancel();
      return this.#keep(path, { row: undefined, at });
    }
    const read = v.safeParse(
      langfuseRow,
      response.ok ? await response.json().catch(() => undefined) : undefined,
    );
    if (!read.success) throw unavailable("what is known of this version cannot be read just now");
    return this.#keep(path, { row: read.output, at });
  }

  #keep(path: string, known: Known): Known {
    this.#known.set(path, known);
    return known;
  }
}

import { LRUCache } from "lru-cache";
import { visible } from "../../domain/text/visible.ts";
import type { ResolverWarning, WarningCode } from "./warning.ts";

const QUIET_MS = 60_000;

/** Counts what is not as it should be, and tells whoever wants to know; telling can never fail a resolution. */
export class Warnings {
  readonly counts = new Map<WarningCode, number>();
  readonly #notify: (warning: ResolverWarning) => void;
  /** When each was told last. */
  readonly #notifiedAt = new LRUCache<string, number>({ max: 200 });

  constructor(notify: ((warning: ResolverWarning) => void) | undefined) {
    this.#notify = notify ?? processWarnings();
  }

  report(code: WarningCode, message: string, details: Record<string, unknown> = {}, count = 1): void {
    this.counts.set(code, (this.counts.get(code) ?? 0) + count);
    if (this.#isRepeated(`${code} ${message}`)) return;
    try {
      // What a store holds may be quoted in it, and whoever hears of it writes it to a log or a terminal.
      this.#notify({ code, message: visible(message), details });
    } catch {
      // A handler that throws is the service's problem, and must not become its users'.
    }
  }

  /** The very same is told once a minute: a store that is unreachable says so at every poll. */
  #isRepeated(what: string): boolean {
    const now = performance.now();
    if (now - (this.#notifiedAt.get(what) ?? Number.NEGATIVE_INFINITY) < QUIET_MS) return true;
    this.#notifiedAt.set(what, now);
    return false;
  }
}

/** Once a minute a code (what a program writes wrong: once a minute each), so that a store that is unreachable for an hour does not fill a disk. */
function processWarnings(): (warning: ResolverWarning) => void {
  const quietUntil = new Map<string, number>();
  return ({ code, message }) => {
    const now = performance.now();
    const what = code === "unknown_option" ? message : code;
    if (now < (quietUntil.get(what) ?? 0)) return;
    quietUntil.set(what, now + QUIET_MS);
    process.emitWarning(message, { type: "SluiceWarning", code });
  };
}

import { availableParallelism } from "node:os";
import { Piscina } from "piscina";
import { invalidInput, SluiceError, unavailable } from "../../domain/errors.ts";
import { moduleBeside } from "../../module-beside.ts";
import { RequestRefused } from "../requests/problem.ts";
import type { ComputationInput, ComputationName, ComputationResult } from "./computations.ts";
import type { Computed, ComputedStore } from "./computed.ts";

/** Computations that wait for a thread: more are refused. */
const MOST_WAITING = 8;
const AGAIN_SECONDS = "10";
/** Beyond this nobody waits for an answer, and others wait for the thread. */
const LONGEST_MS = 300_000;
/** A thread that has nothing to do ends after this. */
const IDLE_MS = 30_000;
const MOST_THREADS = 4;
const THREAD_MEMORY_MB = 1_024;

export interface ComputePoolOptions {
  /** Default: one for each processor but one, 4 at most. */
  readonly threads?: number | undefined;
}

/** Computes what takes seconds in threads, so that whoever is served meanwhile does not wait for it. */
export class ComputePool {
  readonly #open: () => Piscina;
  #pool: Piscina | undefined;

  /** Threads are started when there is something to compute. */
  constructor(store: ComputedStore, { threads = usualThreads() }: ComputePoolOptions = {}) {
    const options = {
      name: "compute",
      filename: moduleBeside(import.meta.url, "compute-thread").href,
      // With none, nobody would start one for what waits when a computation is ended with its thread.
      minThreads: 1,
      maxThreads: threads,
      maxQueue: MOST_WAITING,
      idleTimeout: IDLE_MS,
      workerData: store,
      // Flags of the parent (a debugger, a loader) are not for them.
      execArgv: [],
      resourceLimits: { maxOldGenerationSizeMb: THREAD_MEMORY_MB },
    };
    this.#open = () => new Piscina(options);
  }

  /**
   * Computes in a thread. `unavailable` where too many wait for one already; a computation that nobody waits for any
   * more, or that takes more than five minutes, is ended.
   */
  async compute<Name extends ComputationName>(
    name: Name,
    input: ComputationInput<Name>,
    signal: AbortSignal,
  ): Promise<ComputationResult<Name>> {
    const pool = (this.#pool ??= this.#open());
    if (pool.queueSize >= MOST_WAITING)
      throw new RequestRefused("unavailable", "too much is being computed already; try again in a moment", {
        "retry-after": AGAIN_SECONDS,
      });
    const late = AbortSignal.timeout(LONGEST_MS);
    const computed = (await pool
      .run({ name, input }, { signal: AbortSignal.any([signal, late]) })
      .catch((error: unknown) => {
        if (late.aborted || hasNoMemoryLeft(error)) throw tooMuch();
        // Nobody reads this answer.
        throw signal.aborted ? unavailable("the caller has gone away") : error;
      })) as Computed<ComputationResult<Name>>;
    if (computed.ok) return computed.value;
    const { code, message, details } = computed;
    throw new SluiceError(code, message, details);
  }

  async close(): Promise<void> {
    await this.#pool?.destroy();
  }
}

function usualThreads(): number {
  return Math.min(MOST_THREADS, Math.max(1, availableParallelism() - 1));
}

function hasNoMemoryLeft(error: unknown): boolean {
  return (error as { code?: unknown }).code === "ERR_WORKER_OUT_OF_MEMORY";
}

function tooMuch(): SluiceError {
  return invalidInput(
    `this takes more than ${LONGEST_MS / 60_000} minutes, or more memory than there is, to compute; ask for less of it, or use the command line`,
  );
}

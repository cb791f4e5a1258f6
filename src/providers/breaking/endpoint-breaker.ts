import { callFailure } from "../call-failure.ts";
import type { Breaker } from "./circuit-breaker.ts";
import type { CallTarget } from "../completion.ts";
import { failureKind, isOutageKind } from "../failure-kinds.ts";
import type { CircuitName, OpenCircuit } from "../../domain/models/circuits.ts";
import { Circuit, CIRCUIT_POLICY, type CircuitPolicy, type CircuitState } from "./circuit.ts";
import { type ExchangeCircuits, nameOf, SharedCircuits } from "./shared-circuits.ts";

/** The health of an endpoint, or of one model behind it. */
export interface BreakerHealth extends CircuitName {
  readonly state: CircuitState;
  /** Until a call may try; 0 where one may. */
  readonly retryAfterMs: number;
  /** The kind of the failure that opened it. */
  readonly reason: string | null;
}

/** Most endpoints and models that are remembered. */
const MOST = 1_000;
/** When to ask again for the one call that may try, in milliseconds. */
const PROBE_MS = 100;

interface Known {
  readonly of: CircuitName;
  readonly circuit: Circuit;
}

/**
 * Holds calls back from what has failed too often, as this process has seen it, and others that it shares with: no call
 * waits for anything to be let through. An endpoint that cannot be reached is closed to all its models, one whose answers fail to that model
 * alone. `now` is monotonic, in milliseconds.
 */
export class EndpointBreaker implements Breaker {
  readonly #policy: CircuitPolicy;
  readonly #now: () => number;
  readonly #circuits = new Map<string, Known>();
  readonly #shared: SharedCircuits | undefined;

  constructor(
    policy: Partial<CircuitPolicy> = {},
    now: () => number = () => performance.now(),
    exchange?: ExchangeCircuits,
  ) {
    this.#policy = { ...CIRCUIT_POLICY, ...policy };
    this.#now = now;
    this.#shared = exchange && new SharedCircuits(exchange, now);
    this.#shared?.onAnswer((open, askedAt) => this.#learn(open, askedAt));
  }

  /** Tells and hears no more. */
  close(): void {
    this.#shared?.close();
  }

  async guard<T>(target: CallTarget, endpoint: string, attempt: () => Promise<T>): Promise<T> {
    const { provider, model } = target;
    this.#shared?.used();
    const known = [null, model].map((one) => this.#circuit({ provider, endpoint, model: one }));
    const [ofEndpoint, ofModel] = known as [Known, Known];
    const waitMs = Math.max(...known.map((one) => this.#waitMs(one)));
    if (waitMs > 0)
      throw callFailure(
        "circuit_open",
        { target, endpoint },
        `${endpoint} has failed so often that calls are held back for another ${Math.ceil(waitMs / 1000)} s`,
        { retryAfterMs: Math.ceil(waitMs) },
      );
    for (const { circuit } of known) circuit.enter();
    try {
      const value = await attempt();
      this.#succeeded(ofEndpoint);
      this.#succeeded(ofModel);
      return value;
    } catch (error) {
      const kind = failureKind(error);
      if (kind === undefined || kind === "cancelled") {
        ofEndpoint.circuit.leave();
        ofModel.circuit.leave();
      } else if (kind === "connection") {
        this.#failed(ofEndpoint, kind);
        ofModel.circuit.leave();
      } else {
        this.#succeeded(ofEndpoint);
        // A rate limit is an answer: the endpoint is well and has a queue of its own.
        if (isOutageKind(kind) && kind !== "rate_limit") this.#failed(ofModel, kind);
        else this.#succeeded(ofModel);
      }
      throw error;
    }
  }

  /** How long a call has to wait; 0: it may go now. */
  #waitMs({ of, circuit }: Known): number {
    const now = this.#now();
    const waitMs = circuit.waitMs(now);
    if (waitMs > 0 || circuit.state(now) !== "half_open" || !this.#shared) return waitMs;
    return this.#shared.mayProbe(of) ? 0 : PROBE_MS;
  }

  #succeeded({ of, circuit }: Known): void {
    if (!circuit.succeeded(this.#now())) return;
    this.#shared?.probed(of);
    this.#shared?.closed(of);
  }

  #failed({ of, circuit }: Known, reason: string): void {
    if (!circuit.failed(this.#now(), reason)) return;
    this.#shared?.probed(of);
    this.#shared?.opened({ ...of, openMs: this.#policy.openMs, reason });
  }

  /** What others have found; what is closed to nobody else is not to this process either. */
  #learn(open: readonly OpenCircuit[], askedAt: number): void {
    const now = this.#now();
    const names = new Set(open.map(nameOf));
    for (const { provider, endpoint, model, openMs, reason } of open)
      this.#circuit({ provider, endpoint, model }).circuit.learn(now + openMs, reason);
    for (const [name, { circuit }] of this.#circuits)
      if (circuit.isOpen && !names.has(name) && circuit.changedAt < askedAt && !circuit.isProbed)
        circuit.close();
  }

  /** Of everything that has been called. */
  health(): BreakerHealth[] {
    const now = this.#now();
    return [...this.#circuits.values()].map(({ of, circuit }) => ({
      ...of,
      state: circuit.state(now),
      retryAfterMs: Math.ceil(circuit.waitMs(now)),
      reason: circuit.reason ?? null,
    }));
  }

  #circuit(of: CircuitName): Known {
    const key = nameOf(of);
    const found = this.#circuits.get(key);
    if (found) return found;
    if (this.#circuits.size >= MOST) this.#circuits.delete(this.#circuits.keys().next().value!);
    const known = { of, circuit: new Circuit(this.#policy) };
    this.#circuits.set(key, known);
    return known;
  }
}

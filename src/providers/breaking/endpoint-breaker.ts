import { callFailure } from "../call-failure.ts";
import type { Breaker } from "../circuit-breaker.ts";
import type { CallTarget } from "../completion.ts";
import { failureKind, isOutageKind } from "../failure-kinds.ts";
import { Circuit, CIRCUIT_POLICY, type CircuitPolicy, type CircuitState } from "./circuit.ts";

/** The health of an endpoint, or of one model behind it. */
export interface BreakerHealth {
  readonly provider: string;
  readonly endpoint: string;
  /** Null: of the endpoint itself, which could not be reached. */
  readonly model: string | null;
  readonly state: CircuitState;
  /** Until a call may try; 0 where one may. */
  readonly retryAfterMs: number;
  /** The kind of the failure that opened it. */
  readonly reason: string | null;
}

/** Most endpoints and models that are remembered. */
const MOST = 1_000;

/**
 * Holds calls back from what has failed too often, as this process alone has seen it: no call waits for anything to be
 * let through. An endpoint that cannot be reached is closed to all its models, one whose answers fail to that model
 * alone. `now` is monotonic, in milliseconds.
 */
export class EndpointBreaker implements Breaker {
  readonly #policy: CircuitPolicy;
  readonly #now: () => number;
  readonly #circuits = new Map<
    string,
    { readonly of: Omit<BreakerHealth, "state" | "retryAfterMs" | "reason">; readonly circuit: Circuit }
  >();

  constructor(policy: Partial<CircuitPolicy> = {}, now: () => number = () => performance.now()) {
    this.#policy = { ...CIRCUIT_POLICY, ...policy };
    this.#now = now;
  }

  async guard<T>(target: CallTarget, endpoint: string, attempt: () => Promise<T>): Promise<T> {
    const { provider, model } = target;
    const ofEndpoint = this.#circuit({ provider, endpoint, model: null });
    const ofModel = this.#circuit({ provider, endpoint, model });
    const waitMs = Math.max(ofEndpoint.waitMs(this.#now()), ofModel.waitMs(this.#now()));
    if (waitMs > 0)
      throw callFailure(
        "circuit_open",
        { target, endpoint },
        `${endpoint} has failed so often that calls are held back for another ${Math.ceil(waitMs / 1000)} s`,
        { retryAfterMs: Math.ceil(waitMs) },
      );
    ofEndpoint.enter();
    ofModel.enter();
    try {
      const value = await attempt();
      ofEndpoint.succeeded(this.#now());
      ofModel.succeeded(this.#now());
      return value;
    } catch (error) {
      const kind = failureKind(error);
      if (kind === undefined || kind === "cancelled") {
        ofEndpoint.leave();
        ofModel.leave();
      } else if (kind === "connection") {
        ofEndpoint.failed(this.#now(), kind);
        ofModel.leave();
      } else {
        ofEndpoint.succeeded(this.#now());
        // A rate limit is an answer: the endpoint is well and has a queue of its own.
        if (isOutageKind(kind) && kind !== "rate_limit") ofModel.failed(this.#now(), kind);
        else ofModel.succeeded(this.#now());
      }
      throw error;
    }
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

  #circuit(of: Pick<BreakerHealth, "provider" | "endpoint" | "model">): Circuit {
    const key = JSON.stringify([of.provider, of.endpoint, of.model]);
    const known = this.#circuits.get(key);
    if (known) return known.circuit;
    if (this.#circuits.size >= MOST) this.#circuits.delete(this.#circuits.keys().next().value!);
    const circuit = new Circuit(this.#policy);
    this.#circuits.set(key, { of, circuit });
    return circuit;
  }
}

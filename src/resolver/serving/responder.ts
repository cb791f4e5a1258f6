import { messageOf } from "../../domain/errors.ts";
import type { LastKnownGood } from "../snapshot/last-known-good.ts";
import type { PreloadRequest } from "../options.ts";
import type { LoadedVersion } from "./loaded-version.ts";
import type { ReadRequest } from "./read-request.ts";
import type { Reason, ResolutionSource } from "./reason.ts";
import type { RenderingServices } from "./rendering-services.ts";
import { ResolvedPrompt } from "./resolved-prompt.ts";
import type { Tally } from "../observing/resolver-metrics.ts";
import { plainServing, type Serving } from "./serving.ts";
import type { ResolverSettings } from "../settings.ts";
import type { Warnings } from "../observing/warnings.ts";

/** Hands out what is served, counts where it came from, and warns where it is not what was asked for. */
export class Responder {
  readonly #fallback: LoadedVersion;
  readonly #label: string;
  readonly #lastKnownGood: LastKnownGood | undefined;
  readonly #services: RenderingServices;
  readonly #tally: Tally;
  readonly #warnings: Warnings;

  constructor(
    { fallback, label }: ResolverSettings,
    lastKnownGood: LastKnownGood | undefined,
    services: RenderingServices,
    tally: Tally,
    warnings: Warnings,
  ) {
    this.#fallback = fallback;
    this.#label = label;
    this.#lastKnownGood = lastKnownGood;
    this.#services = services;
    this.#tally = tally;
    this.#warnings = warnings;
  }

  /** From memory, `freshness` old. The path of nearly every resolution. */
  hit(serving: Serving, unit: unknown, freshness: "memory" | "stale"): ResolvedPrompt {
    this.#tally.hits++;
    const source = serving.source ?? freshness;
    if (source !== "memory") {
      this.#tally.served[source]++;
      this.#tally.hitsElsewhere++;
    }
    return this.#prompt(serving, unit, source, undefined);
  }

  /** From anywhere else. `digest` is the unit's where the unit itself is not known. */
  served(serving: Serving, unit: unknown, source: ResolutionSource, digest?: string): ResolvedPrompt {
    this.#tally.served[source]++;
    return this.#prompt(serving, unit, source, digest);
  }

  #prompt(
    serving: Serving,
    unit: unknown,
    source: ResolutionSource,
    digest: string | undefined,
  ): ResolvedPrompt {
    if (serving.reason === "invalid_unit") this.#sayInvalidUnit(serving, unit);
    const name = typeof unit === "string" && unit !== "" ? unit : null;
    return new ResolvedPrompt(serving, name, source, this.#services, digest);
  }

  /** What is served where memory has nothing: the snapshot's, or else the fallback. */
  lastResort(read: ReadRequest, reason: Reason, unit: unknown): ResolvedPrompt {
    const saved = this.#lastKnownGood?.serving(read.served, read.scopes);
    if (saved) return this.served({ ...saved, reason }, unit, "snapshot");
    return this.fallback(read, reason, unit);
  }

  /** There is nothing else to serve. */
  fallback(read: ReadRequest, reason: Reason, unit: unknown): ResolvedPrompt {
    this.sayFallback(read, reason);
    return this.served(plainServing(this.#fallback, read.served, reason), unit, "fallback");
  }

  /** The request cannot be one. */
  refused(request: unknown, problem: string): ResolvedPrompt {
    const { prompt } = (typeof request === "object" && request !== null ? request : {}) as {
      readonly prompt?: unknown;
    };
    const name = typeof prompt === "string" ? prompt : "";
    const served = { label: this.#label, prompt: name, model: "", tenant: "" };
    this.#warnings.report("invalid_request", problem, { request: request as PreloadRequest });
    return this.served(plainServing(this.#fallback, served, "invalid_request"), undefined, "fallback");
  }

  /** The request throws when it is read: a getter or a proxy of the service's own. */
  unreadable(error: unknown): ResolvedPrompt {
    return this.refused(undefined, `the request could not be read: ${messageOf(error)}`);
  }

  sayFallback({ served }: ReadRequest, reason: Reason): void {
    const what = `${served.label}/${served.prompt}`;
    const message = `the fallback is served for ${what}: ${EXPLAINED[reason] ?? reason}`;
    this.#warnings.report(reason, message, { ...served });
  }

  #sayInvalidUnit({ label, prompt }: Serving, unit: unknown): void {
    const what = unit === "" ? "an empty one" : `a value of type ${typeof unit}`;
    const message = `a unit must be text, not ${what}: it is not enrolled in the rollout of ${label}/${prompt}`;
    this.#warnings.report("invalid_unit", message, { prompt, label });
  }
}

const EXPLAINED: Partial<Record<Reason, string>> = {
  cold: "it is not in memory yet",
  not_found: "no pointer answers, or there is no such version",
  store_unreachable: "it is not in memory, and the store is unreachable",
  timeout: "it is not in memory, and the store has not answered in time",
  version_missing: "the version that the pointer names does not exist",
  hash_mismatch: "the version's artifact is not what its hash says",
  artifact_invalid: "the version's artifact does not compile",
  closed: "it is not in memory, and the resolver has been closed",
};

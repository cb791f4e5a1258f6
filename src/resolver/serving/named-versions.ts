import { MAX_VERSION } from "../../domain/names.ts";
import type { Responder } from "./responder.ts";
import { ExactVersions } from "./exact-versions.ts";
import type { LastKnownGood } from "../snapshot/last-known-good.ts";
import type { LiveMemory } from "../memory/live-memory.ts";
import { isUsable, type LoadedVersion } from "./loaded-version.ts";
import type { ReadRequest } from "./read-request.ts";
import type { Reason, ResolutionSource } from "./reason.ts";
import type { ResolvedPrompt } from "./resolved-prompt.ts";
import type { ResolverSettings } from "../settings.ts";
import { enrolment, plainServing, type Serving } from "./serving.ts";
import { readToken, type TokenContent } from "./token.ts";

/** Requests that name their version, by number or by a pin: no pointer has a say in them. */
export class NamedVersions {
  readonly #memory: LiveMemory;
  readonly #responder: Responder;
  readonly #exact: ExactVersions;
  readonly #fallback: LoadedVersion;
  readonly #lastKnownGood: LastKnownGood | undefined;
  #closed = false;

  constructor(
    settings: ResolverSettings,
    memory: LiveMemory,
    responder: Responder,
    lastKnownGood: LastKnownGood | undefined,
  ) {
    this.#lastKnownGood = lastKnownGood;
    this.#memory = memory;
    this.#responder = responder;
    this.#fallback = settings.fallback;
    this.#exact = new ExactVersions(settings.source, settings.max, settings.coldTimeoutMs);
  }

  get size(): number {
    return this.#exact.size;
  }

  close(): void {
    this.#closed = true;
  }

  async resolve(read: ReadRequest, number: number, unit: unknown): Promise<ResolvedPrompt> {
    const now = this.#fromMemory(read, number, unit);
    if (now) return now;
    if (this.#unreachable) return this.#lastResort(read, number, unit, this.#unreachable);
    const found = await this.#exact.get({ prompt: read.served.prompt, number });
    if (typeof found === "string") return this.#lastResort(read, number, unit, found);
    return isUsable(found)
      ? this.#responder.served(plainServing(found, read.served, "version"), unit, "store")
      : this.#lastResort(read, number, unit, found.reason);
  }

  resolveSync(read: ReadRequest, number: number, unit: unknown): ResolvedPrompt {
    const now = this.#fromMemory(read, number, unit);
    if (now) return now;
    if (!this.#unreachable) void this.#exact.get({ prompt: read.served.prompt, number });
    return this.#lastResort(read, number, unit, this.#unreachable ?? "cold");
  }

  /** A version never changes, so the snapshot's is as good as the store's. */
  #lastResort(read: ReadRequest, number: number, unit: unknown, reason: Reason): ResolvedPrompt {
    const saved = this.#lastKnownGood?.versionNumbered(read.served.prompt, number);
    return saved
      ? this.#responder.served(plainServing(saved, read.served, "version"), unit, "snapshot")
      : this.#responder.fallback(read, reason, unit);
  }

  #fromMemory(read: ReadRequest, number: number, unit: unknown): ResolvedPrompt | undefined {
    const { prompt } = read.served;
    if (!Number.isInteger(number) || number < 1 || number > MAX_VERSION)
      return this.#responder.refused(
        read.requested,
        `version ${String(number)} of "${prompt}": a version is a whole number from 1 to ${MAX_VERSION}`,
      );
    const known = this.#exact.known({ prompt, number }) ?? this.#memory.versionNumbered(prompt, number);
    return known && this.#responder.served(plainServing(known, read.served, "version"), unit, "memory");
  }

  get #unreachable(): Reason | undefined {
    if (this.#closed) return "closed";
    return this.#memory.unreachable ? "store_unreachable" : undefined;
  }

  async resolvePin(pin: string): Promise<ResolvedPrompt> {
    const content = readToken(pin);
    const id = content?.versionId;
    if (!content || !id || this.#known(id) || this.#unreachable) return this.resolvePinSync(pin);
    const found = await this.#exact.get({ id });
    if (typeof found === "string") return this.#fallBack(content, found);
    return isUsable(found) ? this.#pinned(content, found, "store") : this.#fallBack(content, found.reason);
  }

  resolvePinSync(pin: string): ResolvedPrompt {
    const content = readToken(pin);
    if (!content) return this.#responder.refused({}, "the pin is not one that `token` gave");
    const id = content.versionId;
    if (id === null) return this.#pinned(content, this.#fallback, "fallback");
    const known = this.#known(id);
    if (known) return this.#pinned(content, known, "memory");
    if (!this.#unreachable) void this.#exact.get({ id });
    return this.#fallBack(content, this.#unreachable ?? "cold");
  }

  #known(id: string): LoadedVersion | undefined {
    return this.#exact.known({ id }) ?? this.#memory.version(id);
  }

  #pinned(content: TokenContent, version: LoadedVersion, source: ResolutionSource): ResolvedPrompt {
    const { arm, rolloutId, epoch, unit } = content;
    const serving: Serving = {
      ...plainServing(version, content, "pinned", { rolloutId, epoch }),
      arm,
      enrolment: arm === "unenrolled" ? null : enrolment(rolloutId!, epoch!, arm),
    };
    return this.#responder.served(serving, undefined, source, unit ?? undefined);
  }

  #fallBack(content: TokenContent, reason: Reason): ResolvedPrompt {
    const saved = this.#lastKnownGood?.version(content.versionId!);
    if (saved) return this.#pinned(content, saved, "snapshot");
    const { label, prompt, model, tenant } = content;
    const served = { label, prompt, model, tenant };
    return this.#responder.fallback({ requested: served, served, scopes: [] }, reason, undefined);
  }
}

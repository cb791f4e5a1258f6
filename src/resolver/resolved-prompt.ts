import type { Artifact } from "../domain/artifact.ts";
import type { Arm } from "../domain/assignment.ts";
import type { Scope } from "../domain/scope.ts";
import { unitDigest } from "../digest.ts";
import type { RenderOptions } from "../templates/artifact-template.ts";
import type { RenderedMessage } from "../templates/rendered-message.ts";
import { toAnthropic, type AnthropicOptions, type AnthropicRequest } from "../templates/to-anthropic.ts";
import { toOpenAI, type OpenAIRequest } from "../templates/to-openai.ts";
import type { OutcomeSubject } from "./outcome.ts";
import type { Reason, ResolutionSource } from "./reason.ts";
import type { Enrolment, Serving } from "./serving.ts";
import { writeToken } from "./token.ts";

export type Variables = Readonly<Record<string, unknown>>;

/** What a rendering is told to the resolver for. */
export interface RenderingServices {
  expose(enrolment: Enrolment, tenant: string, unit: string | null, digest: string | undefined): void;
  warned(serving: Serving, warnings: readonly string[]): void;
}

export interface Rendered {
  readonly messages: RenderedMessage[];
  /** What did not stop the rendering, but somebody should look at. */
  readonly warnings: string[];
  /** Roughly what the messages cost as input, in tokens (four characters a token). */
  readonly tokens: number;
}

/** What `JSON.stringify` makes of a {@link ResolvedPrompt}, and `sluice resolve --json` prints. */
export interface Resolution {
  readonly prompt: string;
  readonly version: number | null;
  readonly versionId: string | null;
  readonly sha256: string;
  readonly label: string;
  readonly scope: Scope | null;
  readonly arm: Arm;
  readonly rolloutId: string | null;
  readonly epoch: number | null;
  readonly revision: number | null;
  readonly source: ResolutionSource;
  readonly reason: Reason;
}

/**
 * A prompt as one unit is served it: which version, why, and the way to a request. It does not change;
 * rendering it is what exposes its unit to its arm.
 */
export class ResolvedPrompt implements Resolution {
  readonly #serving: Serving;
  readonly #unit: string | null;
  readonly #source: ResolutionSource;
  readonly #services: RenderingServices;
  /** Known without the unit itself where it comes from a pin. */
  #digest: string | undefined;
  #rendered = false;

  /** Made by a resolver. */
  constructor(
    serving: Serving,
    unit: string | null,
    source: ResolutionSource,
    services: RenderingServices,
    digest?: string,
  ) {
    this.#serving = serving;
    this.#unit = unit;
    this.#source = source;
    this.#services = services;
    this.#digest = digest;
  }

  /** The prompt of the version that is served. */
  get prompt(): string {
    return this.#serving.prompt;
  }
  /** Null for the fallback, which is no version; so is `versionId`. */
  get version(): number | null {
    return this.#serving.version.number;
  }
  get versionId(): string | null {
    return this.#serving.version.id;
  }
  /** SHA-256 of the artifact's canonical JSON, in hex. */
  get sha256(): string {
    return this.#serving.version.sha256;
  }
  get label(): string {
    return this.#serving.label;
  }
  /** The scope whose pointer answered; null when none did. */
  get scope(): Scope | null {
    return this.#serving.scope;
  }
  get arm(): Arm {
    return this.#serving.arm;
  }
  /** The rollout that is on in this scope, whether or not the unit is enrolled in it. */
  get rolloutId(): string | null {
    return this.#serving.rolloutId;
  }
  get epoch(): number | null {
    return this.#serving.epoch;
  }
  /** The pointer's revision that this is from. */
  get revision(): number | null {
    return this.#serving.revision;
  }
  get source(): ResolutionSource {
    return this.#source;
  }
  get reason(): Reason {
    return this.#serving.reason;
  }
  get artifact(): Artifact {
    return this.#serving.version.artifact;
  }

  /**
   * The messages with these values put in, and the unit's exposure recorded. Throws `invalid_input` naming
   * the variable that is missing or wrong; then nothing is recorded.
   */
  render(variables: Variables = {}, options: RenderOptions = {}): Rendered {
    const { version, model, enrolment, tenant } = this.#serving;
    const { messages, warnings } = version.template.render(variables, options);
    if (model !== "" && model !== version.model)
      warnings.push(
        `asked for model "${model}", the request uses the artifact's, "${version.artifact.model}"`,
      );
    this.#rendered = true;
    if (enrolment !== null) this.#services.expose(enrolment, tenant, this.#unit, this.#digest);
    if (warnings.length > 0) this.#services.warned(this.#serving, warnings);
    return new RenderedPrompt(messages, warnings);
  }

  /** A chat completion request for the `openai` SDK. Renders, as {@link render} does. */
  toOpenAI(variables?: Variables, options?: RenderOptions): OpenAIRequest {
    return toOpenAI(this.artifact, this.render(variables, options).messages);
  }

  /** A messages request for `@anthropic-ai/sdk`. Renders, as {@link render} does. */
  toAnthropic(variables?: Variables, options: RenderOptions & AnthropicOptions = {}): AnthropicRequest {
    return toAnthropic(this.artifact, this.render(variables, options).messages, options);
  }

  /**
   * This resolution as text, without the unit itself: another process can record what came of it, or go
   * on with the very same version (`resolve({ pin })`).
   */
  get token(): string {
    const { version, prompt, label, model, tenant, rolloutId, enrolment } = this.#serving;
    return writeToken({
      versionId: version.id,
      prompt,
      label,
      model,
      tenant,
      rolloutId,
      arm: enrolment?.arm ?? "unenrolled",
      epoch: this.#serving.epoch,
      unit: this.unitDigest,
      rendered: this.#rendered,
    });
  }

  /** What the store knows the unit by; null without a unit. */
  get unitDigest(): string | null {
    if (this.#digest === undefined && this.#unit !== null)
      this.#digest = unitDigest(this.#serving.tenant, this.#unit);
    return this.#digest ?? null;
  }

  /** What an outcome of this is recorded about; undefined for the fallback, which is nobody's version. */
  get subject(): OutcomeSubject | undefined {
    const { version, label, model, tenant, rolloutId } = this.#serving;
    if (version.id === null) return undefined;
    return { versionId: version.id, rolloutId, unit: this.unitDigest, label, model, tenant };
  }

  /**
   * Attributes for the service's own span: the names of OpenTelemetry's GenAI conventions, those that
   * Langfuse links a generation to a prompt by, and `sluice.*` for the rest.
   */
  attributes(): Record<string, string | number> {
    const { version, label, arm, rolloutId, epoch, reason } = this.#serving;
    return {
      "gen_ai.prompt.name": this.prompt,
      "sluice.prompt.sha256": version.sha256,
      "sluice.prompt.label": label,
      "sluice.prompt.arm": arm,
      "sluice.prompt.source": this.#source,
      "sluice.prompt.reason": reason,
      ...(version.number !== null && {
        "gen_ai.prompt.version": String(version.number),
        "langfuse.observation.prompt.name": this.prompt,
        "langfuse.observation.prompt.version": version.number,
      }),
      ...(version.id !== null && { "sluice.prompt.version_id": version.id }),
      ...(rolloutId !== null && { "sluice.rollout.id": rolloutId }),
      ...(epoch !== null && { "sluice.rollout.epoch": epoch }),
    };
  }

  toJSON(): Resolution {
    const { prompt, version, versionId, sha256, label, scope } = this;
    const { arm, rolloutId, epoch, revision, source, reason } = this;
    return {
      prompt,
      version,
      versionId,
      sha256,
      label,
      scope,
      arm,
      rolloutId,
      epoch,
      revision,
      source,
      reason,
    };
  }

  [Symbol.for("nodejs.util.inspect.custom")](): Resolution {
    return this.toJSON();
  }
}

class RenderedPrompt implements Rendered {
  readonly messages: RenderedMessage[];
  readonly warnings: string[];

  constructor(messages: RenderedMessage[], warnings: string[]) {
    this.messages = messages;
    this.warnings = warnings;
  }

  get tokens(): number {
    let length = 0;
    for (const message of this.messages) length += message.content.length;
    return Math.ceil(length / 4);
  }
}

import type { Attributes } from "../../domain/attributes.ts";
import type { Artifact } from "../../domain/prompt/artifact.ts";
import type { Provider } from "../../domain/models/vendors.ts";
import type { Arm } from "../../domain/rollout/assignment.ts";
import type { Scope } from "../../domain/scope.ts";
import { unitDigest } from "../../digest.ts";
import {
  toAnthropic,
  type AnthropicOptions,
  type AnthropicRequest,
} from "../../templates/requests/to-anthropic.ts";
import { type AiSdkPrompt, toAiSdk } from "../../templates/requests/to-ai-sdk.ts";
import { type LangChainMessage, toLangChain } from "../../templates/requests/to-lang-chain.ts";
import { toOpenAI, type OpenAIRequest } from "../../templates/requests/to-openai.ts";
import {
  toOpenAIResponses,
  type OpenAIResponsesRequest,
} from "../../templates/requests/to-openai-responses.ts";
import type { RenderingServices } from "./rendering-services.ts";
import { type Rendered, RenderedPrompt, type RenderRequest } from "./rendered-prompt.ts";
import type { Resolution } from "./resolution.ts";
import { NEUTRAL_ARTIFACT, neutralQuestion } from "./neutral-artifact.ts";
import { markActiveSpan } from "../observing/open-telemetry.ts";
import type { OutcomeSubject } from "../recording/outcome.ts";
import type { Reason, ResolutionSource } from "./reason.ts";
import type { Enrolment, Serving } from "./serving.ts";
import { tokenHead, tokenOfUnit } from "./token.ts";

export type Variables = Readonly<Record<string, unknown>>;

const NO_OPTIONS = {};
const TOKEN_HEADS = new WeakMap<Serving, string>();

/** All of a resolution but its unit: one object for everybody who is served the same. For servers. */
export let servingOf: (resolved: ResolvedPrompt) => object;

/**
 * A prompt as one unit is served it: which version, why, and the way to a request. It does not change;
 * rendering it is what exposes its unit to its arm.
 */
export class ResolvedPrompt implements Resolution {
  static {
    servingOf = (resolved) => resolved.#serving;
  }

  readonly #serving: Serving;
  readonly #unit: string | null;
  readonly #source: ResolutionSource;
  readonly #services: RenderingServices;
  /** What most resolutions never need: made when it is, so that this object stays small. */
  #later: Later | undefined;

  /** Made by a resolver. `digest` is the unit's, where it comes from a pin and the unit itself is not known. */
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
    this.#later = digest === undefined ? undefined : { digest, rendered: false };
  }

  /** Keeps what is said of the unit, for its exposure, or which other service's values these are. For resolvers, servers. */
  describe(more: Pick<Partial<Later>, "attributes" | "service">): this {
    Object.assign(this.#kept, more);
    return this;
  }

  get #kept(): Later {
    return (this.#later ??= { digest: undefined, rendered: false });
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
   * the variable that is missing or wrong; of an enrolled unit the exposure and an error are recorded all the same,
   * so that a version which callers cannot render is not one that nobody hears of.
   */
  render(variables: Variables = {}, options: RenderRequest = NO_OPTIONS): Rendered {
    if (options !== NO_OPTIONS) this.#services.look(options);
    const { version, model, enrolment } = this.#serving;
    const { tokens: counter } = this.#services;
    const target = version.artifact.model;
    const budget = options.fit ? counter.budget(target, options.fit === true ? {} : options.fit) : undefined;
    const isNeutral = version.artifact === NEUTRAL_ARTIFACT;
    this.#services.called(this.#serving, variables, options, this.#later?.service);
    let rendered: ReturnType<typeof version.template.render>;
    try {
      rendered = version.template.render(
        isNeutral ? {} : variables,
        budget ? { ...options, budget } : options,
      );
    } catch (error) {
      if (enrolment !== null) {
        this.#expose(enrolment);
        this.#services.renderFailed(this);
      }
      throw error;
    }
    const { messages, warnings, tokens } = rendered;
    if (isNeutral) messages.push(...neutralQuestion(variables));
    if (options.fit && !budget)
      warnings.push(
        `the context window of "${target}" is not known, so nothing was left out: name it in tokens.windows`,
      );
    if (model !== "" && model !== version.model)
      warnings.push(`asked for model "${model}", the request uses the artifact's, "${target}"`);
    if (enrolment !== null) this.#expose(enrolment);
    markActiveSpan(this);
    if (warnings.length > 0) this.#services.warned(this.#serving, warnings);
    return new RenderedPrompt(messages, warnings, counter, target, tokens);
  }

  #expose(enrolment: Enrolment): void {
    const { tenant, model } = this.#serving;
    const of = { tenant, model, attributes: this.#later?.attributes };
    this.#services.expose(enrolment, of, this.#unit, this.#later?.digest);
    this.#kept.rendered = true;
  }

  /** A chat completion request for the `openai` SDK. Renders, as {@link render} does. */
  toOpenAI(variables?: Variables, options?: RenderRequest): OpenAIRequest {
    return toOpenAI(this.#artifactFor("openai"), this.render(variables, options).messages);
  }

  /** The same for OpenAI's Responses API. */
  toOpenAIResponses(variables?: Variables, options?: RenderRequest): OpenAIResponsesRequest {
    return toOpenAIResponses(this.#artifactFor("openai"), this.render(variables, options).messages);
  }

  /** A messages request for `@anthropic-ai/sdk`. Renders, as {@link render} does. */
  toAnthropic(
    variables?: Variables,
    options: RenderRequest & AnthropicOptions = NO_OPTIONS,
  ): AnthropicRequest {
    return toAnthropic(this.#artifactFor("anthropic"), this.render(variables, options).messages, options);
  }

  /** For `generateText` and `streamText` of the Vercel AI SDK, spread beside a model. Renders, as {@link render} does. */
  toAiSdk(variables?: Variables, options?: RenderRequest): AiSdkPrompt {
    return toAiSdk(this.artifact, this.render(variables, options).messages);
  }

  /** Messages for LangChain's models. Renders, as {@link render} does. */
  toLangChain(variables?: Variables, options?: RenderRequest): LangChainMessage[] {
    return toLangChain(this.artifact, this.render(variables, options).messages);
  }

  /**
   * The fallback answers for any version, so it goes to the vendor that was asked for. A version goes where it was
   * tested; what is asked for another vendor is built all the same, with a warning.
   */
  #artifactFor(vendor: Provider): Artifact {
    const { artifact } = this;
    if (artifact.model.startsWith(`${vendor}/`)) return artifact;
    if (this.versionId === null)
      return { ...artifact, model: `${vendor}/${this.#services.fallbackModels[vendor]}` };
    const warning = `a request for ${vendor} was made of a version whose model is "${artifact.model}"`;
    this.#services.warned(this.#serving, [warning]);
    return artifact;
  }

  /**
   * This resolution as text, without the unit itself: another process can record what came of it, or go
   * on with the very same version (`resolve({ pin })`).
   */
  get token(): string {
    let head = TOKEN_HEADS.get(this.#serving);
    if (head === undefined) {
      const { version, enrolment, ...served } = this.#serving;
      head = tokenHead({ ...served, versionId: version.id, arm: enrolment?.arm ?? "unenrolled" });
      TOKEN_HEADS.set(this.#serving, head);
    }
    return tokenOfUnit(head, this.unitDigest, this.#later?.rendered ?? false);
  }

  /** What the store knows the unit by; null without a unit. */
  get unitDigest(): string | null {
    if (this.#later?.digest !== undefined) return this.#later.digest;
    if (this.#unit === null) return null;
    const digest = unitDigest(this.#serving.tenant, this.#unit);
    this.#kept.digest = digest;
    return digest;
  }

  /** What an outcome of this is recorded about; undefined for the fallback, which is nobody's version. */
  get subject(): OutcomeSubject | undefined {
    const { version, label, model, tenant, rolloutId } = this.#serving;
    if (version.id === null) return undefined;
    return { versionId: version.id, rolloutId, unit: this.unitDigest, label, model, tenant };
  }

  /**
   * Attributes for a span of the service's own; rendering sets them on the active one. The names of OpenTelemetry's
   * GenAI conventions, those that Langfuse links a generation to a prompt by, and `sluice.*` for the rest.
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
      ...(version.id !== null && {
        "sluice.prompt.version_id": version.id,
        // By which whoever collects the spans tells Sluice what came of it.
        "sluice.prompt.token": this.token,
      }),
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

interface Later {
  digest: string | undefined;
  attributes?: Attributes;
  service?: string;
  rendered: boolean;
}

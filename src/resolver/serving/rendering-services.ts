import type { Attributes } from "../../domain/attributes.ts";
import type { Provider } from "../../domain/models/vendors.ts";
import type { RenderOptions } from "../../templates/render-options.ts";
import type { OutcomeSubject } from "../recording/outcome.ts";
import type { Enrolment, Serving } from "./serving.ts";
import type { TokenCounter } from "./token-counter.ts";

/** What a rendering needs of the resolver. */
export interface RenderingServices {
  readonly tokens: TokenCounter;
  expose(
    enrolment: Enrolment,
    of: { readonly tenant: string; readonly model: string; readonly attributes?: Attributes | undefined },
    unit: string | null,
    digest: string | undefined,
  ): void;
  warned(serving: Serving, warnings: readonly string[]): void;
  /** An enrolled unit's prompt could not be rendered. */
  renderFailed(prompt: { readonly subject: OutcomeSubject | undefined }): void;
  /** Somebody renders with these; `service` where that is not this process' own. */
  called(
    serving: Serving,
    variables: Readonly<Record<string, unknown>>,
    options: RenderOptions,
    service: string | undefined,
  ): void;
  /** Warns of options that nobody takes. */
  look(options: unknown): void;
  /** The model of each vendor that the fallback asks. */
  readonly fallbackModels: Readonly<Record<Provider, string>>;
}

import type { Attributes } from "../domain/attributes.ts";
import type { FitOptions } from "../resolver/serving/token-counter.ts";
import type { Variables } from "../resolver/serving/resolved-prompt.ts";
import type { PlaceholderMessage } from "../templates/rendered-message.ts";
import type { CallLimits } from "./call-limits.ts";

/** What a tool is called with, beside its arguments. */
export interface ToolContext {
  /** The model's own name of the call. A handler is run at most once for each. */
  readonly callId: string;
  /** Aborted when the invocation is over before the tool is. */
  readonly signal: AbortSignal;
}

/** Carries a tool out. What it gives is told to the model: a text as it is, anything else as JSON. */
export type ToolHandler = (arguments_: Readonly<Record<string, unknown>>, context: ToolContext) => unknown;

/** How an answer that does not fit the version's `output_schema` is mended. */
export interface RepairOptions {
  /** Takes the JSON out of the text around it. Default true. */
  readonly local?: boolean;
  /** How often the model is shown its answer and what is wrong with it. Default 1. */
  readonly asks?: 0 | 1 | 2;
}

/** What is asked for. Which version answers, and which model, the resolver says. */
export interface InvokeRequest {
  /** Left out: the default of the `model` (and tenant), whatever prompt it is of. */
  readonly prompt?: string | undefined;
  readonly label?: string | undefined;
  readonly tenant?: string | undefined;
  /** Of the scope that is asked for. The call itself goes to the version's model. */
  readonly model?: string | undefined;
  /** Who or what stays in its arm: a user or conversation id. */
  readonly unit?: string | undefined;
  readonly attributes?: Attributes | undefined;
  /** This version exactly; no rollout counts it. */
  readonly version?: number | undefined;
  /** The `token` of an earlier resolution: the same version and arm again. */
  readonly pin?: string | undefined;
  readonly variables?: Variables | undefined;
  readonly history?: readonly PlaceholderMessage[] | undefined;
  readonly placeholders?: Readonly<Record<string, readonly PlaceholderMessage[]>> | undefined;
  /** Keeps the messages within the model's window. Default true, unlike `render()`. */
  readonly fit?: boolean | FitOptions | undefined;
  readonly injection?: "flag" | "reject" | undefined;
  /** What to do with what looks like personal data in values: warn, mask, or refuse. Not looked at by default. */
  readonly personalData?: "flag" | "mask" | "reject" | undefined;
  /** Fails with `unresolved` where nothing but the neutral fallback answers. */
  readonly requireVersion?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly limits?: Partial<CallLimits> | undefined;
  /** By name, of the version's tools. Calls of tools that are not here are given back. */
  readonly tools?: Readonly<Record<string, ToolHandler>> | undefined;
  /** How often tools may be carried out and the model asked again. Default 8. */
  readonly maxToolRounds?: number | undefined;
  /** Models to ask when the version's own gives no answer, in place of the version's; false: none. */
  readonly fallbacks?: readonly string[] | false | undefined;
  readonly repair?: RepairOptions | undefined;
  /** False: neither is a cached answer given, nor this one kept. */
  readonly cache?: false | undefined;
  /** A UUID of the caller's own: one outcome, however often the call is made. */
  readonly id?: string | undefined;
  /** Given in place of an error when every attempt has failed. It is recorded as the error that it is. */
  readonly otherwise?: string | undefined;
}

/** What is asked for as a stream. */
export interface StreamRequest extends InvokeRequest {
  /**
   * What happens when an answer breaks off after part of it was told: `error` (default), or `restart`, which begins
   * again with the event `restart` where there is another attempt to make: for callers that can clear what they showed.
   */
  readonly onInterrupt?: "error" | "restart" | undefined;
}

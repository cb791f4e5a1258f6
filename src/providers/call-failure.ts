import { SluiceError } from "../domain/errors.ts";
import { vendorOf } from "../domain/models/vendors.ts";
import type { CallTarget } from "./completion.ts";
import { type CallFailureKind, codeOf, isWorthARetry } from "./failure-kinds.ts";

/** Where a call went, for messages. */
export interface CallPlace {
  readonly target: CallTarget;
  /** Base URL, without credentials. */
  readonly endpoint: string;
  /** The provider as a file names it. */
  readonly configured?: { readonly keyVariable?: string } | undefined;
  /** Whose login a call without a key is made with: `AWS`. */
  readonly cloud?: string;
}

/** Where a provider's key and address are given, for messages. */
function placesOf(provider: string, keyVariable: string | undefined): { key: string; url: string } {
  const vendor = vendorOf(provider);
  return vendor
    ? { key: `${vendor.variables}_API_KEY`, url: `${vendor.variables}_BASE_URL` }
    : {
        key: keyVariable ?? "a variable that the providers file names",
        url: `${provider}.base_url in the providers file`,
      };
}

/** The error for a kind, with what to do about it; `what` continues the words "<endpoint> answered …". */
export function callFailure(
  kind: CallFailureKind,
  place: CallPlace,
  what: string,
  extra: { status?: number; retryAfterMs?: number; cause?: unknown } = {},
): SluiceError {
  const { target, endpoint } = place;
  const model = `${target.provider}/${target.model}`;
  const { cause, ...facts } = extra;
  return new SluiceError(
    codeOf(kind),
    `${model}: ${what}; ${advice(kind, place)}`,
    { kind, model, endpoint, ...facts },
    { cause, retryable: isWorthARetry(kind) || kind === "circuit_open" },
  );
}

function advice(kind: CallFailureKind, { target, configured, cloud }: CallPlace): string {
  const { provider, model, endpoint } = target;
  const names = placesOf(provider, configured?.keyVariable);
  const url = endpoint ? "the provider's apiBaseUrl" : names.url;
  switch (kind) {
    case "no_key":
    case "auth":
      if (endpoint)
        return 'give the provider a key that this endpoint takes: apiKey: "{{ env.NAME }}", with --allow-env NAME';
      return cloud
        ? `log in to ${cloud} as one who may ask for this model, or name a key: ${provider}.key in the providers file`
        : `set ${names.key} to a key that this endpoint takes`;
    case "address":
      return `give the key in ${names.key} and take it out of ${url}`;
    case "redirect":
      return `write the address that it stands for as ${url}`;
    case "model":
      return `check that "${model}" is a model this endpoint serves, and ${url}`;
    case "request":
      return "check the prompt's params, tools and output_schema against what the model takes";
    case "too_long":
      return "shorten what is sent, or use a model with a larger window";
    case "content_blocked":
      return "look at what was put into the prompt: the vendor refuses to answer it";
    case "rate_limit":
      return "lower the concurrency, or try again later";
    case "html":
      return `check ${url}: it does not look like a model endpoint`;
    case "connection":
      return `check that it is running and that ${url} is right`;
    case "timeout":
    case "first_token_timeout":
    case "idle_timeout":
    case "attempt_timeout":
      return "raise the time-out or try again later";
    case "too_large":
      return "set max_tokens in the prompt's params";
    case "no_text":
      return "check the prompt, and max_tokens in its params";
    case "cancelled":
      return "start it again to go on";
    case "budget":
      return "raise max_cost_usd, use fewer cases, or set max_tokens in the prompt's params";
    case "no_price":
      return "add its price to the prices file, or remove the budget";
    default:
      return "try again later";
  }
}

/** A problem found while the answer is read, inside `fetch`, where the model is not known yet. */
export class AnswerProblem extends Error {
  readonly kind: CallFailureKind;
  constructor(kind: CallFailureKind, message: string, cause?: unknown) {
    super(message, { cause });
    this.kind = kind;
  }
}

export function answerProblem(kind: CallFailureKind, what: string, cause?: unknown): AnswerProblem {
  return new AnswerProblem(kind, what, cause);
}

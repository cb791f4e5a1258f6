import { partTokens } from "../../domain/prompt/content-parts.ts";
import type { RenderedMessage } from "../../templates/rendered-message.ts";
import type { TokenCount } from "../../templates/tokens/byte-pairs.ts";
import type { RenderOptions } from "../../templates/render-options.ts";
import type { FitOptions, TokenCounter } from "./token-counter.ts";

export interface RenderRequest extends Omit<RenderOptions, "budget"> {
  /**
   * Keeps the messages within the model's context window: leaves out the oldest history first, cuts the
   * system message last, and warns of either.
   */
  readonly fit?: boolean | FitOptions | undefined;
}

export interface Rendered {
  readonly messages: RenderedMessage[];
  /** What did not stop the rendering, but somebody should look at. */
  readonly warnings: string[];
  /** What they cost as input, in tokens; with `fit`, tools and output schema included. Counted when it is read. */
  readonly tokens: number;
  /** False: an estimate. */
  readonly tokensExact: boolean;
}

/** Messages whose tokens are counted when somebody asks. */
export class RenderedPrompt implements Rendered {
  readonly messages: RenderedMessage[];
  readonly warnings: string[];
  readonly #counter: TokenCounter;
  readonly #model: string;
  readonly #tokens: number | undefined;

  constructor(
    messages: RenderedMessage[],
    warnings: string[],
    counter: TokenCounter,
    model: string,
    tokens: number | undefined,
  ) {
    this.messages = messages;
    this.warnings = warnings;
    this.#counter = counter;
    this.#model = model;
    this.#tokens = tokens;
  }

  get tokens(): number {
    return this.#tokens ?? this.#counted().tokens;
  }

  get tokensExact(): boolean {
    return this.#counted().exact;
  }

  #counted(): TokenCount {
    let tokens = 0;
    let exact = true;
    for (const message of this.messages) {
      const count = this.#counter.measure(message.content, this.#model);
      const parts = message.role === "user" ? partTokens(message.parts ?? []) : 0;
      tokens += count.tokens + parts;
      exact &&= count.exact && parts === 0;
    }
    return { tokens, exact };
  }
}

import type { PlaceholderMessage } from "./rendered-message.ts";
import type { TokenBudget } from "./tokens/token-budget.ts";

export interface RenderOptions {
  /** Messages for `{placeholder: history}`; short for `placeholders: { history }`. */
  readonly history?: readonly PlaceholderMessage[] | undefined;
  /** Messages for each placeholder by its name; one that is not given stays empty. */
  readonly placeholders?: Readonly<Record<string, readonly PlaceholderMessage[]>> | undefined;
  /** Leaves out the oldest history, and more if it must, so that the messages fit the model's window. */
  readonly budget?: TokenBudget | undefined;
  /**
   * What to do with untrusted values, and user and tool messages of placeholders, that look like an attempt
   * to instruct the model: warn, or refuse with `invalid_input`. Nothing is looked at by default.
   */
  readonly injection?: "flag" | "reject" | undefined;
  /**
   * What to do with values, and messages of placeholders, that hold what looks like personal data (e-mail addresses,
   * phone, card, bank account and US social security numbers): warn, replace it by `[card number]` and the like, or
   * refuse with `invalid_input`. Nothing is looked at by default. What it was stands in no message.
   */
  readonly personalData?: "flag" | "mask" | "reject" | undefined;
}

import { MODEL_TABLE } from "./model-table.ts";

/** What is known of a vendor's model. Prices are US dollars per million tokens. */
export interface ModelFacts {
  /** Tokens of input that it takes. */
  readonly window?: number;
  readonly maxOutput?: number;
  readonly input: number;
  readonly output?: number;
  /** Of input that was read from the vendor's cache, and that was written to it. */
  readonly cachedInput?: number;
  readonly cacheWrite?: number;
  /** The day (`2027-01-14`) from which the vendor does not answer for it any more, where that has been announced. */
  readonly retires?: string;
  /** It thinks before it answers, more or less as `reasoning_effort` or `thinking` say. */
  readonly reasoning?: boolean;
  /**
   * When `temperature`, `top_p` and their like are taken: never; only without reasoning, which the request has to
   * ask for (`without_reasoning`) or gets unless it asks for some (`unless_reasoning`). Absent: always.
   */
  readonly sampling?: "never" | "without_reasoning" | "unless_reasoning";
  /** False: the last message may not be the assistant's. */
  readonly prefill?: boolean;
  /** False: it cannot be made to call a tool. */
  readonly forcedTools?: boolean;
  /** False: it does not take a JSON Schema for its answer. */
  readonly schema?: boolean;
  /** False: it reads no images. */
  readonly images?: boolean;
}

/** What is known of each model, by `provider/model`. */
export const MODELS: Readonly<Record<string, ModelFacts>> = MODEL_TABLE;

const SNAPSHOT = /-(?:\d{8}|\d{4}-\d{2}-\d{2}|latest)$/;

/** A `provider/model` without the date of its snapshot (`-2025-08-07`, `-20250929`, `-latest`). */
export function withoutSnapshot(model: string): string {
  return model.replace(SNAPSHOT, "");
}

/** The facts of a `provider/model` or of a dated snapshot of it; undefined for a model that the table does not have. */
export function factsOf(model: string): ModelFacts | undefined {
  return own(model) ?? own(withoutSnapshot(model));
}

function own(model: string): ModelFacts | undefined {
  return Object.hasOwn(MODELS, model) ? MODELS[model] : undefined;
}

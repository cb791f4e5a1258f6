import { type ModelTarget, parseModelTarget } from "../domain/artifact.ts";
import { invalidInput } from "../domain/errors.ts";

/**
 * A model as promptfoo writes it (`openai:gpt-5-mini`, `openai:chat:…`, `openai:embedding:…`,
 * `anthropic:messages:…`) or as Sluice does (`openai/gpt-5-mini`). Others are `invalid_input` at `where`.
 */
export function readModelTarget(name: string, where: string): ModelTarget {
  const written = /^(openai|anthropic):(?:(?:chat|embeddings?|messages):)?([^:].*)$/.exec(name);
  const target = parseModelTarget(written ? `${written[1]}/${written[2]}` : name);
  if (target && !/:(?:responses|completion|image|realtime|assistant|moderation):/.test(name)) return target;
  throw invalidInput(
    `${where}: "${name}" is not a model that Sluice calls; write openai:MODEL or anthropic:messages:MODEL`,
    { where, model: name },
  );
}

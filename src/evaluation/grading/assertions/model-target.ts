import { type ModelTarget, parseModelTarget } from "../../../domain/prompt/artifact.ts";
import { invalidInput } from "../../../domain/errors.ts";
import { shown } from "../../../domain/visible.ts";

const MAX_MODEL = 200;

/**
 * A model as promptfoo writes it (`openai:gpt-5-mini`, `openai:chat:…`, `openai:embedding:…`,
 * `anthropic:messages:…`) or as Sluice does (`openai/gpt-5-mini`). Others are `invalid_input` at `where`.
 */
export function readModelTarget(name: string, where: string): ModelTarget {
  if (name.length > MAX_MODEL)
    throw invalidInput(`${where}: ${shown(name)}: a model's name has at most ${MAX_MODEL} characters`, {
      where,
    });
  const written = /^(openai|anthropic):(?:(?:chat|embeddings?|messages):)?([^:].*)$/.exec(name);
  const target = parseModelTarget(written ? `${written[1]}/${written[2]}` : name);
  if (target && !/:(?:responses|completion|image|realtime|assistant|moderation):/.test(name)) return target;
  throw invalidInput(
    `${where}: ${shown(name)} is not a model that Sluice calls; write openai:MODEL or anthropic:messages:MODEL`,
    { where, model: name },
  );
}

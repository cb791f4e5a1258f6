/** `eu.` and its like say where a profile of Bedrock answers, `anthropic.` that it is Anthropic's. */
const BEDROCK = /^(?:[a-z-]+\.)?anthropic\.(?=claude-)/;
/** `-v1:0` of Bedrock. */
const REVISION = /-v\d+(?::\d+)?$/;

/**
 * Anthropic's own `anthropic/MODEL` for what another provider serves of its models:
 * `bedrock/eu.anthropic.claude-haiku-4-5-20251001-v1:0` and `vertex/claude-haiku-4-5@20251001` are
 * `anthropic/claude-haiku-4-5-20251001`.
 */
export function claudeAt(model: string): string {
  const name = model.slice(model.indexOf("/") + 1);
  const bare = name.replace(BEDROCK, "").replace(REVISION, "");
  return `anthropic/${bare.replace(/@(?:default|latest)$/, "").replace("@", "-")}`;
}

/** Where a profile of Bedrock answers, by its name: `eu`, `global`; undefined of a model without one. */
export function bedrockProfile(model: string): string | undefined {
  return /^([a-z-]+)\.anthropic\.claude-/.exec(model)?.[1];
}

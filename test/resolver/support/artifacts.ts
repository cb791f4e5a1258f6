import type { Artifact } from "../../../src/domain/prompt/artifact.ts";

/** An artifact that says `text`, with one variable, `name`. */
export function artifact(text: string, more: Partial<Artifact> = {}): Artifact {
  return {
    syntax: "mustache",
    model: "openai/gpt-5.4-mini",
    params: {},
    variables: { name: { type: "string", default: "you" } },
    messages: [{ role: "user", content: `${text}, {{name}}` }],
    ...more,
  };
}

import type { Artifact } from "./artifact.ts";

/** What a prompt file says beside its artifact. */
export interface DescribedVersion {
  readonly prompt: string;
  readonly description: string;
  readonly tags: readonly string[];
  readonly metadata: Readonly<Record<string, unknown>>;
}

/** What the prompt file of a version holds: pushing it again gives the same version. */
export function promptFileValue(
  { prompt, description, tags, metadata }: DescribedVersion,
  artifact: Artifact,
  messages: readonly unknown[] = messagesAsWritten(artifact),
): Record<string, unknown> {
  const { syntax, whitespace, model, params, fallbacks } = artifact;
  const { variables, examples, tools, output_schema, config } = artifact;
  const text = artifact.format === "text" && messages.length === 1 ? textOf(artifact) : undefined;
  return {
    name: prompt,
    ...(description && { description }),
    ...(tags.length > 0 && { tags }),
    syntax,
    ...(whitespace && { whitespace }),
    model,
    ...(Object.keys(params).length > 0 && { params }),
    ...(fallbacks && { fallbacks }),
    ...(Object.keys(variables).length > 0 && { variables }),
    ...(text === undefined ? { messages } : { text }),
    ...(examples && { examples }),
    ...(tools && { tools }),
    ...(output_schema && { output_schema }),
    ...(config && { config }),
    ...(Object.keys(metadata).length > 0 && { metadata }),
  };
}

/** Of a version that was written as one text. */
function textOf({ messages: [only] }: Artifact): string | undefined {
  return only && "content" in only && typeof only.content === "string" ? only.content : undefined;
}

/** Included messages as the include that they came by. */
export function messagesAsWritten({ messages, includes = [] }: Artifact): unknown[] {
  const written: unknown[] = [];
  let taken = 0;
  for (const { prompt, number, at, count } of includes) {
    written.push(...messages.slice(taken, at), { include: `${prompt}@${number}` });
    taken = at + count;
  }
  return [...written, ...messages.slice(taken)];
}

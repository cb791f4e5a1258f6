import type { Artifact } from "./artifact.ts";

/** All text of an artifact that every request carries: what its fixed token count is of. */
export function literalText(artifact: Artifact): string {
  const parts = artifact.messages.flatMap((message) => ("content" in message ? [message.content] : []));
  for (const { input, output } of artifact.examples ?? []) parts.push(input, output);
  if (artifact.tools) parts.push(JSON.stringify(artifact.tools));
  if (artifact.output_schema) parts.push(JSON.stringify(artifact.output_schema));
  return parts.join("\n");
}

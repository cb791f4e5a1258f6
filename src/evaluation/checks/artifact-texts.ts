import type { Artifact } from "../../domain/prompt/artifact.ts";
import { contentTexts } from "../../domain/prompt/content-parts.ts";

/** Every text that an author wrote into a version, and what to call the place. */
export function artifactTexts(artifact: Artifact): { readonly place: string; readonly text: string }[] {
  const texts: { place: string; text: string }[] = [];
  const add = (place: string, text: string | undefined) => {
    if (text) texts.push({ place, text });
  };
  artifact.messages.forEach((message, index) => {
    if (!("content" in message)) return;
    const place = `message ${index + 1} (${message.role})`;
    for (const { path, text } of contentTexts(message.content))
      // The bytes of an image or a file are no text that somebody wrote.
      if (path[1] !== "data" && !text.startsWith("data:")) add(place, text);
  });
  (artifact.examples ?? []).forEach(({ input, output }, index) => {
    add(`example ${index + 1}'s input`, input);
    add(`example ${index + 1}'s output`, output);
  });
  for (const tool of artifact.tools ?? []) add(`tool ${tool.function.name}`, JSON.stringify(tool.function));
  if (artifact.output_schema) add("output_schema", JSON.stringify(artifact.output_schema));
  if (artifact.config) add("config", JSON.stringify(artifact.config));
  for (const [name, spec] of Object.entries(artifact.variables))
    if (spec.default !== undefined) add(`the default of "${name}"`, JSON.stringify(spec.default));
  return texts;
}

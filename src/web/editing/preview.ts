import type { Artifact, VariableSpec } from "../../domain/prompt/artifact.ts";
import { messageOf, SluiceError } from "../../domain/errors.ts";
import { compileArtifact } from "../../templates/artifact-template.ts";
import type { RenderedMessage } from "../../templates/rendered-message.ts";

/** What a model would be given, or why that cannot be said. */
export type Previewed =
  | {
      readonly ok: true;
      readonly messages: readonly RenderedMessage[];
      readonly warnings: readonly string[];
      /** Variables without a value of their own, whose name stands in. */
      readonly standIns: readonly string[];
      /** About; what counts for sure is the server's count. */
      readonly tokens: number;
      readonly fixedTokens: number;
    }
  | { readonly ok: false; readonly problem: string };

/** Of English in most vocabularies; an estimate until the server has counted. */
const CHARACTERS_A_TOKEN = 4;

/** Renders by the engine of services. A value that is needed and missing has its name stand in. */
export function previewed(artifact: Artifact, values: Readonly<Record<string, unknown>>): Previewed {
  try {
    const given: Record<string, unknown> = {};
    const standIns: string[] = [];
    for (const [name, spec] of Object.entries(artifact.variables)) {
      if (Object.hasOwn(values, name)) given[name] = values[name];
      else if (spec.default === undefined) {
        given[name] = standIn(name, spec);
        standIns.push(name);
      }
    }
    const template = compileArtifact(artifact);
    const { messages, warnings } = template.render(given);
    const beside = [artifact.tools, artifact.output_schema].filter(Boolean).map((one) => JSON.stringify(one));
    const length = messages.reduce((sum, { content }) => sum + content.length, beside.join("").length);
    return {
      ok: true,
      messages,
      warnings,
      standIns,
      tokens: Math.ceil(length / CHARACTERS_A_TOKEN),
      fixedTokens: Math.ceil((template.fixedText.length + beside.join("").length) / CHARACTERS_A_TOKEN),
    };
  } catch (error) {
    if (error instanceof SluiceError || error instanceof TypeError)
      return { ok: false, problem: messageOf(error) };
    throw error;
  }
}

function standIn(name: string, { type, enum: allowed, max_length: longest }: VariableSpec): unknown {
  if (allowed && allowed.length > 0) return allowed[0];
  if (type === "number") return 1;
  if (type === "boolean") return false;
  if (type === "list") return [`‹${name}›`];
  if (type === "json") return {};
  return `‹${name}›`.slice(0, longest);
}

export interface RenderedStretch {
  readonly text: string;
  /** It came from outside. */
  readonly isOutside: boolean;
}

/** A rendered text in stretches: what came from outside stands between delimiters, and is told apart. */
export function stretchesFromOutside(text: string): RenderedStretch[] {
  return text
    .split(/(<untrusted name="[^"]*">[\s\S]*?<\/untrusted>)/)
    .filter((stretch) => stretch !== "")
    .map((stretch) => ({ text: stretch, isOutside: stretch.startsWith("<untrusted name=") }));
}

/** Of a long text: what is typed in one block leaves the others as they are. 9-editor.css knows how many they are. */
const LINES_OF_BLOCK = 40;

/** The same in blocks of whole lines, in their order. */
export function blocksOf(stretches: readonly RenderedStretch[]): RenderedStretch[][] {
  const blocks: RenderedStretch[][] = [[]];
  let lines = 0;
  for (const { text, isOutside } of stretches) {
    let said = "";
    for (const line of text.split(/(?<=\n)/)) {
      if (lines === LINES_OF_BLOCK) {
        if (said !== "") blocks.at(-1)?.push({ text: said, isOutside });
        blocks.push([]);
        [said, lines] = ["", 0];
      }
      said += line;
      if (line.endsWith("\n")) lines++;
    }
    blocks.at(-1)?.push({ text: said, isOutside });
  }
  return blocks;
}

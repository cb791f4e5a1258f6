import { invalidInput } from "../domain/errors.ts";
import { promptDocuments, readPromptDocument, type PromptFile } from "../domain/prompt/prompt-file.ts";
import type { PromptDocument } from "../domain/prompt/text-prompt.ts";
import { didYouMean } from "../domain/text/suggestion.ts";
import type { Artifact } from "../domain/prompt/artifact.ts";
import { analyseArtifact } from "./analyse.ts";
import { compileArtifact } from "./artifact-template.ts";

/**
 * Reads a prompt file and checks everything that can be known without values: its shape, and that its
 * templates compile, use declared variables only and keep untrusted ones out of system messages.
 * The first problem is an `invalid_input` error, `file:line:column: what`; `details.problems` has all of
 * the templates'. Of a file with several prompts, `which` names one. Push and eval read prompt files with this.
 */
export function loadPromptFile(text: string, name: string, which?: string): PromptFile {
  const files = loadPromptsOfFile(text, name);
  if (which === undefined && files.length === 1) return files[0]!;
  const found = files.find((file) => file.name === which);
  if (found) return found;
  const names = files.map((file) => file.name);
  throw invalidInput(
    which === undefined
      ? `${name}: holds ${files.length} prompts; name one of them, as in ${name}#${names[0]} (${names.join(", ")})`
      : `${name}: holds no prompt "${which}"${didYouMean(which, names) || `; it has ${names.join(", ")}`}`,
    { file: name, prompts: names },
  );
}

/** {@link loadPromptFile} for each prompt of a file: one, or those of its list `prompts`. */
export function loadPromptsOfFile(text: string, name: string): PromptFile[] {
  const files = promptDocuments(text, name).map((document) => loadPrompt(document, text));
  const seen = new Set<string>();
  for (const file of files) {
    if (seen.has(file.name))
      throw invalidInput(`${name}: holds two prompts "${file.name}"`, { file: name, prompt: file.name });
    seen.add(file.name);
  }
  return files;
}

function loadPrompt(document: PromptDocument, text: string): PromptFile {
  const { file, places } = readPromptDocument(document);
  const problems = analyseArtifact(file.artifact).problems.map(
    ({ message: own, line, column, problem, path = [] }) => {
      const at = ["messages", places[own]!, "content", ...path];
      const start = document.locate(at);
      const where = document.isText ? "text" : at.join(".");
      return `${positionIn(text, start, line, column)}: ${where}, line ${line}: ${problem}`;
    },
  );
  if (problems.length > 0) throw invalidInput(problems[0]!, { file: document.name, problems });
  return file;
}

/**
 * Everything that a version sends whatever its values are: the literal text of its messages, its examples,
 * tools and output schema. Its token count is counted once, when it is pushed.
 */
export function fixedTokenText(artifact: Artifact): string {
  const schemas = [...(artifact.tools ?? []), ...(artifact.output_schema ? [artifact.output_schema] : [])];
  return [compileArtifact(artifact).fixedText, ...schemas.map((schema) => JSON.stringify(schema))].join("\n");
}

/**
 * Where a line and column of a YAML string stand in the file. Exact for block text (`|`) and for
 * strings on one line; the start of the string for anything folded.
 */
function positionIn(text: string, start: string, line: number, column: number): string {
  const match = /^(.*):(\d+):(\d+)$/s.exec(start);
  if (!match) return start;
  const [, file, firstLine, firstColumn] = match;
  const lines = text.split(/\r?\n/);
  const header = lines[Number(firstLine) - 1]!.slice(Number(firstColumn) - 1);
  if (header.startsWith("|")) {
    const at = Number(firstLine) + line;
    const body = lines.slice(Number(firstLine)).find((one) => one.trim() !== "") ?? "";
    const indent = Number(/^\|[-+]?([1-9])/.exec(header)?.[1]) || body.length - body.trimStart().length;
    return `${file}:${at}:${indent + column}`;
  }
  if (header.startsWith(">") || line > 1) return start;
  const quote = /^["']/.test(header) ? 1 : 0;
  return `${file}:${firstLine}:${Number(firstColumn) + quote + column - 1}`;
}

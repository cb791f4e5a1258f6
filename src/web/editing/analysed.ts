import { messageOf, SluiceError } from "../../domain/errors.ts";
import { analyseArtifact } from "../../templates/analyse.ts";
import { draftArtifact, type EditedFile, messagesOf } from "./edited-file.ts";

/** Something wrong with a message, as a push would say it. */
export interface TextProblem {
  /** Of the file's messages, from 0. */
  readonly message: number;
  /** Where it stands in the message's text; both 0 for what is not in a text. */
  readonly from: number;
  readonly to: number;
  readonly problem: string;
  /** A variable that is used and not declared. */
  readonly undeclared?: string;
}

export interface Analysed {
  readonly problems: readonly TextProblem[];
  /** Declared, and used by no message of the file's own. */
  readonly unused: ReadonlySet<string>;
}

const NAMED = /variable "(\w+)"/;
const UNDECLARED = /^variable "(\w+)" is used but not declared/;

/** What the analyser of a push says of the templates. */
export function analysed(file: EditedFile): Analysed {
  const { artifact, places } = draftArtifact(file);
  try {
    const { problems, unused } = analyseArtifact(artifact);
    const messages = messagesOf(file);
    return {
      unused: new Set(unused),
      problems: problems.map(({ message, line, column, problem, path = [] }) => {
        const at = places[message] ?? 0;
        const content = messages[at];
        const text = content && "content" in content && path.length === 0 ? content.content : "";
        const undeclared = UNDECLARED.exec(problem)?.[1];
        const named = NAMED.exec(problem)?.[1];
        const range = typeof text === "string" ? rangeAt(text, { line, column, named }) : { from: 0, to: 0 };
        return { message: at, ...range, problem, ...(undeclared !== undefined && { undeclared }) };
      }),
    };
  } catch (error) {
    // What has another shape than any template: the server's check says it of the whole file.
    if (!(error instanceof SluiceError || error instanceof TypeError)) throw error;
    return { problems: [{ message: 0, from: 0, to: 0, problem: messageOf(error) }], unused: new Set() };
  }
}

interface Place {
  readonly line: number;
  readonly column: number;
  readonly named: string | undefined;
}

/** The variable that the problem names, behind the place where it is said to be; else the word that begins there. */
function rangeAt(text: string, { line, column, named }: Place): { from: number; to: number } {
  const lines = text.split("\n");
  const before = lines.slice(0, line - 1).reduce((sum, one) => sum + one.length + 1, 0);
  const from = Math.min(text.length, before + column - 1);
  const found = named === undefined ? -1 : text.slice(from).search(new RegExp(`\\b${named}\\b`));
  if (named !== undefined && found >= 0) return { from: from + found, to: from + found + named.length };
  const word = /^\w+/.exec(text.slice(from))?.[0].length ?? 1;
  return { from, to: Math.min(text.length, from + word) };
}

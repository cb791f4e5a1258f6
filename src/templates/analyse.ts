import type { Artifact, Role, TemplateMessage } from "../domain/prompt/artifact.ts";
import { contentTexts } from "../domain/prompt/content-parts.ts";
import { didYouMean } from "../domain/text/suggestion.ts";
import { compileTemplate } from "./compile.ts";
import { templateProblem } from "./template-error.ts";

/** Something wrong with a message of an artifact; `line` and `column` (from 1) are within its text. */
export interface MessageProblem {
  /** Index into `artifact.messages`, from 0. */
  readonly message: number;
  readonly line: number;
  readonly column: number;
  readonly problem: string;
  /** In a message of parts: which part, and which key of it. */
  readonly path?: readonly (string | number)[];
}

export interface Analysis {
  /** Every variable that a message reads. */
  readonly used: ReadonlySet<string>;
  /** Declared, and read by no message. */
  readonly unused: readonly string[];
  readonly problems: readonly MessageProblem[];
}

/**
 * What can be known of an artifact's templates without a value: which do not compile, which read a
 * variable that is not declared, and which system messages read an untrusted one. For the last, any
 * mention counts (also in a condition, a loop, a `set`, a macro or a filter), even of a local name
 * that hides the variable: a rule without cases cannot be talked around.
 */
export function analyseArtifact(artifact: Artifact): Analysis {
  const declared = new Set(Object.keys(artifact.variables));
  const untrusted = new Set([...declared].filter((name) => artifact.variables[name]!.untrusted));
  const used = new Set<string>();
  const problems = artifact.messages.flatMap((message, index) =>
    analyseMessage(artifact, message, declared, untrusted, used).map((found) => ({
      message: index,
      ...found,
    })),
  );
  return { used, unused: [...declared].filter((name) => !used.has(name)), problems };
}

type Found = Omit<MessageProblem, "message">;

function analyseMessage(
  artifact: Artifact,
  message: TemplateMessage,
  declared: ReadonlySet<string>,
  untrusted: ReadonlySet<string>,
  used: Set<string>,
): Found[] {
  if ("placeholder" in message) return [];
  return contentTexts(message.content).flatMap(({ path, text }) =>
    analyseText(artifact, message.role, text, declared, untrusted, used).map((found) => ({
      ...found,
      ...(path.length > 0 && { path }),
    })),
  );
}

function analyseText(
  artifact: Artifact,
  role: Role,
  text: string,
  declared: ReadonlySet<string>,
  untrusted: ReadonlySet<string>,
  used: Set<string>,
): Found[] {
  try {
    const template = compileTemplate(artifact.syntax, text, { whitespace: artifact.whitespace });
    const problems: Found[] = [];
    const report = (name: string, problem: string) => {
      const before = text.slice(0, template.offsetOf(name)).split("\n");
      problems.push({ line: before.length, column: before.at(-1)!.length + 1, problem });
    };
    for (const name of template.names) {
      used.add(name);
      if (!declared.has(name))
        report(
          name,
          `variable "${name}" is used but not declared under variables${didYouMean(name, declared)}`,
        );
    }
    if (role === "system")
      for (const name of template.mentioned)
        if (untrusted.has(name))
          report(
            name,
            `untrusted variable "${name}" may not reach a system message in any way; put it into a user message`,
          );
    return problems.sort((a, b) => a.line - b.line || a.column - b.column);
  } catch (error) {
    const found = templateProblem(error);
    if (!found) throw error;
    return [found];
  }
}

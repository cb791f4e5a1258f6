/** A command of a page, and what the page says that it prints. */
export interface Shown {
  readonly command: string;
  readonly output: readonly string[];
}

/** The commands of a `console` block: lines that begin with `$ `, each with the lines up to the next. */
export function readTranscript(text: string): Shown[] {
  const shown: { command: string; output: string[] }[] = [];
  for (const line of text.trimEnd().split("\n")) {
    if (line.startsWith("$ ")) shown.push({ command: line.slice(2), output: [] });
    else if (shown.length === 0) throw new Error(`a transcript begins with "$ COMMAND", not with: ${line}`);
    else shown.at(-1)!.output.push(line);
  }
  return shown;
}

/** The page with other outputs at its `console` blocks, in their order; everything else stays as it is. */
export function withOutputs(page: string, outputs: readonly Shown[]): string {
  let at = 0;
  return page.replaceAll(/^```console\n([\s\S]*?)^```$/gm, (_block, text: string) => {
    const lines = readTranscript(text).flatMap(() => {
      const { command, output } = outputs[at++]!;
      return [`$ ${command}`, ...output];
    });
    return ["```console", ...lines, "```"].join("\n");
  });
}

/** What is printed now, or what was shown before where only chance makes a difference. */
export function keepChance(shown: readonly string[], printed: readonly string[]): readonly string[] {
  return settled(shown).join("\n") === settled(printed).join("\n") ? shown : printed;
}

/** What differs from run to run, in the order in which it is looked for. */
const CHANCE: readonly (readonly [RegExp, string])[] = [
  [/\b\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?Z?)?\b/g, "TIME"],
  [/\b\d\d:\d\d:\d\d\b/g, "TIME"],
  [/\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b/g, "ID"],
  [/\b[0-9a-f]{64}\b/g, "HASH"],
  [/\b127\.0\.0\.1:\d+\b/g, "ADDRESS"],
  [/(?<=namespaces\/)[\w-]+/g, "NAMESPACE"],
  [/\btook \d+ (?:s|min)\b/g, "took SOME TIME"],
  [/\bin \d+ ms\b/g, "in SOME TIME"],
  // Columns are as wide as what is in them.
  [/ {2,}/g, "  "],
];

/** Said by what takes longer than some seconds on this machine, and by nothing that does not. */
const PROGRESS = /^\d+ of \d+ runs$/;

/** Lines without what differs from run to run. */
export function settled(lines: readonly string[]): string[] {
  return lines
    .filter((line) => !PROGRESS.test(line))
    .map((line) => CHANCE.reduce((text, [pattern, word]) => text.replaceAll(pattern, word), line).trimEnd());
}

import {
  Composer,
  type Document,
  isScalar,
  Lexer,
  type LineCounter,
  Parser,
  visit,
  YAMLParseError,
  type YAMLMap,
} from "yaml";

/** Nested lists and mappings: a document of more is no document, and would exhaust the stack of whoever walks it. */
const MAX_LEVELS = 200;

export type Parsed =
  | { readonly document: Document.Parsed }
  /** Offset of where it gets deeper than `most` levels. */
  | { readonly tooDeepAt: number; readonly most: number };

/** One YAML document with positions, its depth bounded while it is taken apart, which needs no stack yet. */
export function parseSource(text: string, lineCounter: LineCounter): Parsed {
  const parser = new Parser(lineCounter.addNewLine);
  const tokens = [];
  lineCounter.addNewLine(0);
  for (const lexeme of new Lexer().lex(text)) {
    tokens.push(...parser.next(lexeme));
    if (parser.stack.length > MAX_LEVELS) return { tooDeepAt: parser.offset, most: MAX_LEVELS };
  }
  tokens.push(...parser.end());
  const composer = new Composer({
    lineCounter,
    prettyErrors: false,
    uniqueKeys: false,
    merge: true,
    // Its warnings go to the process, with the text that they are about.
    logLevel: "error",
  });
  const [document, second] = composer.compose(tokens, true, text.length);
  visit(document!, { Map: (_, map) => refuseRepeatedKeys(document!, map) });
  if (second)
    document!.errors.push(
      new YAMLParseError(
        [second.range[0], second.range[1]],
        "MULTIPLE_DOCS",
        "the file holds several documents; leave one (a line of --- begins another)",
      ),
    );
  return { document: document! };
}

/** The parser compares each key with all before it, which takes a mapping of many thousands minutes. */
function refuseRepeatedKeys({ errors }: Document.Parsed, { items }: YAMLMap): void {
  const seen = new Set<unknown>();
  for (const { key } of items) {
    if (!isScalar(key)) continue;
    if (seen.has(key.value)) {
      const [from, to] = key.range!;
      errors.push(new YAMLParseError([from, to], "DUPLICATE_KEY", "Map keys must be unique"));
    }
    seen.add(key.value);
  }
}

import { ExpressionParser } from "./expressions.ts";
import type { JinjaNode, JinjaProgram } from "./nodes.ts";
import { SyntaxProblem, type Token } from "./tokens.ts";

/** A template in pieces: text, and tags with what is in them. */
export type Piece =
  | { readonly kind: "text"; readonly text: string; readonly at: number }
  | { readonly kind: "expression"; readonly tokens: readonly Token[]; readonly at: number }
  | { readonly kind: "block"; readonly tokens: readonly Token[]; readonly at: number };

/** Blocks of Jinja2 that are left out, and why. */
const REFUSED: Readonly<Record<string, string>> = {
  include: "a prompt includes another one by its messages: { include: NAME@N }",
  import: "macros are written in the template that uses them",
  from: "macros are written in the template that uses them",
  extends: "a prompt includes another one by its messages: { include: NAME@N }",
  block: "there is no inheritance between templates",
  do: "an expression is printed or set",
  autoescape: "nothing is escaped unless a filter says so",
  trans: "texts are not translated",
};

/** Reads the pieces of a template into a tree. Throws a {@link SyntaxProblem}; `place` then says where it stands. */
export class StatementParser {
  readonly #pieces: readonly Piece[];
  #next = 0;

  constructor(pieces: readonly Piece[]) {
    this.#pieces = pieces;
  }

  /** The offset of the piece that was read last. */
  get place(): number {
    return this.#pieces[Math.max(0, this.#next - 1)]?.at ?? 0;
  }

  program(): JinjaProgram {
    const { body, end } = this.#body([]);
    if (end) throw new SyntaxProblem(`unexpected {% ${end} %}`);
    return { type: "Program", body };
  }

  /** Nodes up to a block with one of these names; what is left in its tag is for the caller. */
  #body(until: readonly string[]): { body: JinjaNode[]; end?: string; rest?: ExpressionParser } {
    const body: JinjaNode[] = [];
    while (this.#next < this.#pieces.length) {
      const piece = this.#pieces[this.#next++]!;
      if (piece.kind === "text") {
        body.push({ type: "StringLiteral", value: piece.text });
        continue;
      }
      const parser = new ExpressionParser(piece.tokens);
      if (piece.kind === "expression") {
        const node = parser.tuple();
        parser.end();
        body.push(node);
        continue;
      }
      const keyword = String(parser.name()["value"]);
      if (until.includes(keyword)) return { body, end: keyword, rest: parser };
      body.push(this.#statement(keyword, parser));
    }
    if (until.length > 0) throw new SyntaxProblem("the template ends in the middle of a block");
    return { body };
  }

  /** The body of a block up to its end tag, which holds nothing more. */
  #block(keyword: string): JinjaNode[] {
    const { body, rest } = this.#body([`end${keyword}`]);
    if (keyword === "macro" && !rest!.done) rest!.name();
    rest!.end();
    return body;
  }

  #statement(keyword: string, parser: ExpressionParser): JinjaNode {
    switch (keyword) {
      case "if":
        return this.#if(parser);
      case "for":
        return this.#for(parser);
      case "set":
        return this.#set(parser);
      case "macro": {
        const name = parser.name();
        const args = parser.args();
        parser.end();
        return { type: "Macro", name, args, body: this.#block("macro") };
      }
      case "call": {
        const callerArgs = parser.is("(") ? parser.args() : [];
        const call = parser.expression();
        parser.end();
        if (call.type !== "CallExpression") throw new SyntaxProblem("{% call %} needs a macro with ()");
        return { type: "CallStatement", call, callerArgs, body: this.#block("call") };
      }
      case "filter": {
        let filter = parser.filter();
        const filters = [filter];
        while (parser.take("|")) filters.push((filter = parser.filter()));
        parser.end();
        return filters.reduce<{ body: JinjaNode[]; node?: JinjaNode }>(
          ({ body, node }, one) => {
            const next = { type: "FilterStatement", filter: one, body: node ? [node] : body };
            return { body, node: next };
          },
          { body: this.#block("filter") },
        ).node!;
      }
      case "with":
        return this.#with(parser);
      case "break":
      case "continue":
        parser.end();
        return { type: keyword === "break" ? "Break" : "Continue" };
      default:
        if (Object.hasOwn(REFUSED, keyword))
          throw new SyntaxProblem(`{% ${keyword} %} is not supported: ${REFUSED[keyword]}`);
        throw new SyntaxProblem(
          /^(?:end|el(?:se|if))/.test(keyword)
            ? `unexpected {% ${keyword} %}`
            : `unknown statement type: ${keyword}`,
        );
    }
  }

  #if(parser: ExpressionParser): JinjaNode {
    const test = parser.tuple();
    parser.end();
    const { body, end, rest } = this.#body(["elif", "else", "endif"]);
    if (end === "elif") return { type: "If", test, body, alternate: [this.#if(rest!)] };
    rest!.end();
    return { type: "If", test, body, alternate: end === "else" ? this.#block("if") : [] };
  }

  #for(parser: ExpressionParser): JinjaNode {
    const loopvar = parser.target();
    parser.expect("in");
    const lhs = forIterable(parser);
    const test = parser.take("if") ? parser.expression() : undefined;
    const recursive = parser.take("recursive");
    parser.end();
    const iterable = test ? { type: "SelectExpression", lhs, test } : lhs;
    const { body, end, rest } = this.#body(["else", "endfor"]);
    rest!.end();
    const defaultBlock = end === "else" ? this.#block("for") : [];
    return { type: "For", loopvar, iterable, body, defaultBlock, recursive };
  }

  #set(parser: ExpressionParser): JinjaNode {
    const assignee = parser.target();
    if (parser.take("=")) {
      const value = parser.tuple();
      parser.end();
      return { type: "Set", assignee, value, body: [] };
    }
    const filters: JinjaNode[] = [];
    while (parser.take("|")) filters.push(parser.filter());
    parser.end();
    const body = this.#block("set");
    const nested = filters.reduce<JinjaNode[]>(
      (inner, filter) => [{ type: "FilterStatement", filter, body: inner }],
      body,
    );
    return { type: "Set", assignee, value: null, body: nested };
  }

  #with(parser: ExpressionParser): JinjaNode {
    const targets: JinjaNode[] = [];
    const values: JinjaNode[] = [];
    while (!parser.done) {
      if (targets.length > 0) parser.expect(",");
      targets.push(parser.name());
      parser.expect("=");
      values.push(parser.expression());
    }
    return { type: "With", targets, values, body: this.#block("with") };
  }
}

/** In a `for` an `if` belongs to the loop, not to the expression. */
function forIterable(parser: ExpressionParser): JinjaNode {
  const first = parser.or();
  if (!parser.is(",")) return first;
  const value = [first];
  while (parser.take(",")) value.push(parser.or());
  return { type: "TupleLiteral", value };
}

import type { JinjaNode } from "./nodes.ts";
import { TokenCursor } from "./token-cursor.ts";
import { SyntaxProblem, type Token } from "./tokens.ts";

const COMPARISONS = new Set(["==", "!=", "<", ">", "<=", ">="]);
const CONSTANTS: Readonly<Record<string, unknown>> = {
  true: true,
  True: true,
  false: false,
  False: false,
  none: null,
  None: null,
};
/** Names that end a test's argument rather than being one. */
const AFTER_TEST = new Set(["else", "or", "and", "if", "in", "is", "not"]);

/** Reads the expressions of one tag, as Jinja2's own grammar has them. */
export class ExpressionParser extends TokenCursor {
  /** `a`, `a, b`, `(a, b)` or `ns.a`: what a `set` or a `for` binds. */
  target(): JinjaNode {
    const items: JinjaNode[] = [];
    let isTuple = false;
    do {
      if (items.length > 0 && (this.is("=") || this.is("in") || this.done)) break;
      if (this.take("(")) {
        items.push(this.target());
        this.expect(")");
      } else {
        let item = this.name();
        while (this.take("."))
          item = { type: "MemberExpression", object: item, property: this.name(), computed: false };
        items.push(item);
      }
      if (this.is(",")) isTuple = true;
    } while (this.take(","));
    return isTuple ? { type: "TupleLiteral", value: items } : items[0]!;
  }

  /** An expression; with commas a tuple. */
  tuple(): JinjaNode {
    const first = this.expression();
    if (!this.is(",")) return first;
    const value = [first];
    while (this.take(",")) {
      if (this.done || this.is(")") || this.is("=")) break;
      value.push(this.expression());
    }
    return { type: "TupleLiteral", value };
  }

  expression(): JinjaNode {
    let left = this.or();
    while (this.take("if")) {
      const condition = this.or();
      const falseExpr = this.take("else") ? this.expression() : undefined;
      left = { type: "Ternary", condition, trueExpr: left, ...(falseExpr && { falseExpr }) };
    }
    return left;
  }

  or(): JinjaNode {
    let left = this.#and();
    while (this.take("or")) left = binary("or", left, this.#and());
    return left;
  }

  #and(): JinjaNode {
    let left = this.#not();
    while (this.take("and")) left = binary("and", left, this.#not());
    return left;
  }

  #not(): JinjaNode {
    if (this.is("not")) {
      this.at++;
      return { type: "UnaryExpression", operator: { value: "not" }, argument: this.#not() };
    }
    return this.#comparison();
  }

  #comparison(): JinjaNode {
    let left = this.#sum();
    let chain: JinjaNode | undefined;
    for (;;) {
      const token = this.tokens[this.at];
      let operator: string;
      if (token?.kind === "operator" && COMPARISONS.has(token.value)) {
        operator = token.value;
        this.at++;
      } else if (this.is("in")) {
        operator = "in";
        this.at++;
      } else if (this.is("not") && this.tokens[this.at + 1]?.value === "in") {
        operator = "not in";
        this.at += 2;
      } else return chain ?? left;
      const right = this.#sum();
      // `a < b < c` means `a < b and b < c`.
      const one = binary(operator, left, right);
      chain = chain ? binary("and", chain, one) : one;
      left = right;
    }
  }

  #sum(): JinjaNode {
    return this.#leftToRight(["+", "-"], () => this.#concatenation());
  }

  #concatenation(): JinjaNode {
    return this.#leftToRight(["~"], () => this.#product());
  }

  #product(): JinjaNode {
    return this.#leftToRight(["*", "/", "//", "%"], () => this.#power());
  }

  #power(): JinjaNode {
    return this.#leftToRight(["**"], () => this.#unary());
  }

  #leftToRight(operators: readonly string[], operand: () => JinjaNode): JinjaNode {
    let left = operand();
    for (;;) {
      const token = this.tokens[this.at];
      if (token?.kind !== "operator" || !operators.includes(token.value)) return left;
      this.at++;
      left = binary(token.value, left, operand());
    }
  }

  #unary(withFilters = true): JinjaNode {
    let node: JinjaNode;
    if (this.is("-") || this.is("+")) {
      const value = this.tokens[this.at++]!.value;
      node = { type: "UnaryExpression", operator: { value }, argument: this.#unary(false) };
    } else node = this.#postfix(this.#primary());
    return withFilters ? this.#filtersAndTests(node) : node;
  }

  #filtersAndTests(operand: JinjaNode): JinjaNode {
    let node = operand;
    for (;;) {
      if (this.take("|")) node = { type: "FilterExpression", operand: node, filter: this.filter() };
      else if (this.is("is")) {
        this.at++;
        node = this.#test(node);
      } else if (this.is("(")) node = this.#postfix(node);
      else return node;
    }
  }

  /** A filter's name, with its arguments where it has some. */
  filter(): JinjaNode {
    let name = this.name();
    while (this.take("."))
      name = { type: "Identifier", value: `${String(name["value"])}.${String(this.name()["value"])}` };
    return this.is("(") ? { type: "CallExpression", callee: name, args: this.args() } : name;
  }

  #test(operand: JinjaNode): JinjaNode {
    const negate = this.take("not");
    const token = this.tokens[this.at];
    if (token?.kind !== "name") throw new SyntaxProblem(`expected the name of a test${this.found()}`);
    const test = this.name();
    let args: JinjaNode[] = [];
    const next = this.tokens[this.at];
    if (this.is("(")) args = this.args();
    else if (next && this.#startsArgument(next)) args = [this.#postfix(this.#primary())];
    return { type: "TestExpression", operand, negate, test, args };
  }

  #startsArgument(token: Token): boolean {
    if (token.kind === "name") return !AFTER_TEST.has(token.value);
    return token.kind !== "operator" || token.value === "[" || token.value === "{";
  }

  #primary(): JinjaNode {
    const token = this.tokens[this.at];
    if (!token) throw new SyntaxProblem("unexpected token: the expression ends too early");
    this.at++;
    switch (token.kind) {
      case "name":
        if (Object.hasOwn(CONSTANTS, token.value)) return { type: "Constant", value: CONSTANTS[token.value] };
        return { type: "Identifier", value: token.value };
      case "string": {
        let value = token.value;
        while (this.tokens[this.at]?.kind === "string") value += this.tokens[this.at++]!.value;
        return { type: "StringLiteral", value };
      }
      case "integer":
        return { type: "IntegerLiteral", value: Number(token.value) };
      case "float":
        return { type: "FloatLiteral", value: Number(token.value) };
      case "operator":
        if (token.value === "(") return this.#parenthesis();
        if (token.value === "[") return { type: "ArrayLiteral", value: this.#list("]") };
        if (token.value === "{") return this.#object();
        throw new SyntaxProblem(`unexpected token "${token.value}"`);
    }
  }

  #parenthesis(): JinjaNode {
    if (this.take(")")) return { type: "TupleLiteral", value: [] };
    const inner = this.tuple();
    this.expect(")");
    return inner;
  }

  #list(end: string): JinjaNode[] {
    const items: JinjaNode[] = [];
    while (!this.take(end)) {
      if (items.length > 0) this.expect(",");
      if (this.take(end)) break;
      items.push(this.expression());
    }
    return items;
  }

  #object(): JinjaNode {
    const value = new Map<JinjaNode, JinjaNode>();
    while (!this.take("}")) {
      if (value.size > 0) this.expect(",");
      if (this.take("}")) break;
      const key = this.expression();
      this.expect(":");
      value.set(key, this.expression());
    }
    return { type: "ObjectLiteral", value };
  }

  #postfix(start: JinjaNode): JinjaNode {
    let node = start;
    for (;;) {
      if (this.take(".")) {
        const token = this.tokens[this.at];
        if (token?.kind === "integer") {
          this.at++;
          const property = { type: "IntegerLiteral", value: Number(token.value) };
          node = { type: "MemberExpression", object: node, property, computed: true };
        } else node = { type: "MemberExpression", object: node, property: this.name(), computed: false };
      } else if (this.take("[")) {
        node = { type: "MemberExpression", object: node, property: this.#subscript(), computed: true };
        this.expect("]");
      } else if (this.is("(")) node = { type: "CallExpression", callee: node, args: this.args() };
      else return node;
    }
  }

  #subscript(): JinjaNode {
    const part = () => (this.is(":") || this.is("]") ? undefined : this.expression());
    const start = part();
    if (!this.is(":")) return start ?? this.expression();
    this.expect(":");
    const stop = part();
    const step = this.take(":") ? part() : undefined;
    return { type: "SliceExpression", ...(start && { start }), ...(stop && { stop }), ...(step && { step }) };
  }

  args(): JinjaNode[] {
    this.expect("(");
    const args: JinjaNode[] = [];
    while (!this.take(")")) {
      if (args.length > 0) this.expect(",");
      if (this.take(")")) break;
      if (this.take("**")) args.push({ type: "KeywordSpreadExpression", argument: this.expression() });
      else if (this.take("*")) args.push({ type: "SpreadExpression", argument: this.expression() });
      else if (this.tokens[this.at]?.kind === "name" && this.tokens[this.at + 1]?.value === "=") {
        const key = this.name();
        this.expect("=");
        args.push({ type: "KeywordArgumentExpression", key, value: this.expression() });
      } else args.push(this.expression());
    }
    return args;
  }
}

function binary(operator: string, left: JinjaNode, right: JinjaNode): JinjaNode {
  return { type: "BinaryExpression", operator: { value: operator }, left, right };
}

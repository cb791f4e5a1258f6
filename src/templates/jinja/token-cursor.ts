import type { JinjaNode } from "./nodes.ts";
import { SyntaxProblem, type Token } from "./tokens.ts";

/** Goes through the tokens of one tag. */
export class TokenCursor {
  protected readonly tokens: readonly Token[];
  protected at = 0;

  constructor(tokens: readonly Token[]) {
    this.tokens = tokens;
  }

  get done(): boolean {
    return this.at >= this.tokens.length;
  }

  /** Whether the next token is this operator or name. */
  is(value: string): boolean {
    const token = this.tokens[this.at];
    return token !== undefined && token.kind !== "string" && token.value === value;
  }

  take(value: string): boolean {
    const found = this.is(value);
    if (found) this.at++;
    return found;
  }

  expect(value: string): void {
    if (!this.take(value)) throw new SyntaxProblem(`expected "${value}"${this.found()}`);
  }

  name(): JinjaNode {
    const token = this.tokens[this.at];
    if (token?.kind !== "name") throw new SyntaxProblem(`expected a name${this.found()}`);
    this.at++;
    return { type: "Identifier", value: token.value };
  }

  end(): void {
    if (!this.done) throw new SyntaxProblem(`expected closing expression token${this.found()}`);
  }

  protected found(): string {
    const token = this.tokens[this.at];
    return token ? `, found "${token.value}"` : " before the tag ends";
  }
}

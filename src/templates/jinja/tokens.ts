/** A token of an expression. A string's value is what it stands for, without quotes and escapes. */
export interface Token {
  readonly kind: "name" | "string" | "integer" | "float" | "operator";
  readonly value: string;
}

/** What is wrong with an expression; where it stands is known to whoever reads the whole template. */
export class SyntaxProblem extends Error {}

const TOKEN =
  /\s+|([A-Za-z_\u00aa-\uffff][\w\u00aa-\uffff]*)|(0[xX][\da-fA-F_]+|0[oO][0-7_]+|0[bB][01_]+)|((?:\d[\d_]*)(?:\.\d[\d_]*)?(?:[eE][-+]?\d+)?)|("(?:[^"\\]|\\[\s\S])*"|'(?:[^'\\]|\\[\s\S])*')|(\*\*|\/\/|==|!=|<=|>=|[-+*/%~<>=|.,:()[\]{}])/gy;

const ESCAPES: Readonly<Record<string, string>> = {
  n: "\n",
  t: "\t",
  r: "\r",
  b: "\b",
  f: "\f",
  v: "\v",
  a: "\u0007",
  "0": "\0",
  "\n": "",
};

export function tokenize(text: string): Token[] {
  const tokens: Token[] = [];
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < text.length) {
    const at = TOKEN.lastIndex;
    const match = TOKEN.exec(text);
    if (!match) {
      if (/["']/.test(text[at]!)) throw new SyntaxProblem("a string is never closed");
      throw new SyntaxProblem(`unexpected character "${String.fromCodePoint(text.codePointAt(at)!)}"`);
    }
    const [, name, base, number, quoted, operator] = match;
    if (name !== undefined) tokens.push({ kind: "name", value: name });
    else if (base !== undefined)
      tokens.push({ kind: "integer", value: String(Number(base.replaceAll("_", ""))) });
    else if (number !== undefined)
      tokens.push({ kind: /[.eE]/.test(number) ? "float" : "integer", value: number.replaceAll("_", "") });
    else if (quoted !== undefined) tokens.push({ kind: "string", value: unescape(quoted.slice(1, -1)) });
    else if (operator !== undefined) tokens.push({ kind: "operator", value: operator });
  }
  return tokens;
}

function unescape(text: string): string {
  if (!text.includes("\\")) return text;
  return text.replace(
    /\\(?:x([\da-fA-F]{2})|u([\da-fA-F]{4})|U([\da-fA-F]{8})|([\s\S]))/g,
    (whole, x?: string, u?: string, big?: string, other?: string) => {
      const code = x ?? u ?? big;
      if (code !== undefined) {
        const point = parseInt(code, 16);
        return point > 0x10ffff ? "\ufffd" : String.fromCodePoint(point);
      }
      if (other === "\\" || other === "'" || other === '"') return other;
      return ESCAPES[other!] ?? whole;
    },
  );
}

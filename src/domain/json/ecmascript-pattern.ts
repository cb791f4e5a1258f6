// What JavaScript's \s is, and everything that it is not, in RE2's words; RE2's own \s is ASCII only.
const SPACE =
  "\\t-\\r \\x{A0}\\x{1680}\\x{2000}-\\x{200A}\\x{2028}\\x{2029}\\x{202F}\\x{205F}\\x{3000}\\x{FEFF}";
const NO_SPACE =
  "\\x{0}-\\x{8}\\x{E}-\\x{1F}!-\\x{9F}\\x{A1}-\\x{167F}\\x{1681}-\\x{1FFF}\\x{200B}-\\x{2027}" +
  "\\x{202A}-\\x{202E}\\x{2030}-\\x{205E}\\x{2060}-\\x{2FFF}\\x{3001}-\\x{FEFE}\\x{FF00}-\\x{10FFFF}";
const NO_LINE_END = "[^\\n\\r\\x{2028}\\x{2029}]";

/** Long names of Unicode's general categories; RE2 knows the short ones, and scripts by their names. */
const CATEGORIES: Readonly<Record<string, string>> = {
  Letter: "L",
  Cased_Letter: "LC",
  Uppercase_Letter: "Lu",
  Lowercase_Letter: "Ll",
  Titlecase_Letter: "Lt",
  Modifier_Letter: "Lm",
  Other_Letter: "Lo",
  Mark: "M",
  Nonspacing_Mark: "Mn",
  Spacing_Mark: "Mc",
  Enclosing_Mark: "Me",
  Number: "N",
  Decimal_Number: "Nd",
  digit: "Nd",
  Letter_Number: "Nl",
  Other_Number: "No",
  Punctuation: "P",
  punct: "P",
  Connector_Punctuation: "Pc",
  Dash_Punctuation: "Pd",
  Open_Punctuation: "Ps",
  Close_Punctuation: "Pe",
  Initial_Punctuation: "Pi",
  Final_Punctuation: "Pf",
  Other_Punctuation: "Po",
  Symbol: "S",
  Math_Symbol: "Sm",
  Currency_Symbol: "Sc",
  Modifier_Symbol: "Sk",
  Other_Symbol: "So",
  Separator: "Z",
  Space_Separator: "Zs",
  Line_Separator: "Zl",
  Paragraph_Separator: "Zp",
  Other: "C",
  Control: "Cc",
  Format: "Cf",
  Private_Use: "Co",
};

const ESCAPE = /^\\(?:u(d[89ab][\da-f]{2})\\u(d[c-f][\da-f]{2})|[pP]\{([^}]*)\}|[\s\S])/i;

/**
 * JavaScript's syntax where RE2 reads it otherwise: what white space is, where a line ends, long names of
 * Unicode's properties, a character written as a surrogate pair. `dotAll`: a dot is any character.
 */
export function toRe2Syntax(pattern: string, dotAll = false): string {
  let result = "";
  let inClass = false;
  for (let i = 0; i < pattern.length; i++) {
    const char = pattern[i]!;
    if (char === "\\") {
      const [whole, high, low, property] = ESCAPE.exec(pattern.slice(i, i + 64)) ?? [char];
      if (whole === "\\s") result += inClass ? SPACE : `[${SPACE}]`;
      else if (whole === "\\S") result += inClass ? NO_SPACE : `[${NO_SPACE}]`;
      else if (high !== undefined && low !== undefined) {
        const point = ((parseInt(high, 16) - 0xd800) << 10) + parseInt(low, 16) - 0xdc00 + 0x10000;
        result += `\\x{${point.toString(16)}}`;
      } else if (property !== undefined) {
        const name = property.replace(/^(?:gc|General_Category|sc|Script)=/, "");
        result += `${whole.slice(0, 3)}${CATEGORIES[name] ?? name}}`;
      } else result += whole;
      i += whole.length - 1;
    } else if (char === "." && !inClass && !dotAll) result += NO_LINE_END;
    else {
      if (char === "[") inClass = true;
      else if (char === "]") inClass = false;
      result += char;
    }
  }
  return result;
}

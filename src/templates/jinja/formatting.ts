import { JinjaRuntimeError } from "./nodes.ts";
import { charactersOf, float, isNumber, numberOf, textOf, typeName, WholeFloat } from "./python.ts";

/** The widest that a number or a text is filled up to, and the most digits of one. */
const MOST = 1_000;

/** A number's exact decimal digits, rounded half to even as Python rounds; JavaScript rounds half up. */
export function fixed(value: number, digits: number): string {
  if (!Number.isFinite(value) || Math.abs(value) >= 1e21) return String(value);
  const exact = Math.abs(value).toFixed(100);
  const dot = exact.indexOf(".");
  const all = exact.slice(0, dot) + exact.slice(dot + 1);
  const keep = dot + digits;
  if (keep < 0) return "0";
  const rest = all.slice(keep);
  let whole = BigInt(all.slice(0, keep) || "0");
  const isTie = /^50*$/.test(rest);
  if (isTie ? whole % 2n === 1n : rest >= "5") whole += 1n;
  const sign = value < 0 || Object.is(value, -0) ? "-" : "";
  if (digits <= 0) return sign + whole.toString() + (whole === 0n ? "" : "0".repeat(-digits));
  const text = whole.toString().padStart(digits + 1, "0");
  return `${sign}${text.slice(0, -digits)}.${text.slice(-digits)}`;
}

/** Python's `round()`. */
export function round(value: number, digits: number): number {
  return digits > 100 ? value : Number(fixed(value, digits));
}

interface Spec {
  readonly fill: string;
  readonly align: string;
  readonly sign: string;
  readonly alternate: boolean;
  readonly width: number;
  readonly group: string;
  readonly precision: number | undefined;
  readonly type: string;
}

const SPEC = /^(?:([\s\S])?([<>=^]))?([-+ ])?(#)?(0)?(\d+)?([,_])?(?:\.(\d+))?([bcdeEfFgGnosxX%])?$/u;

/** `format(value, spec)` of Python: `,.2f`, `>10`, `05d`, `.1%`… */
export function formatSpec(value: unknown, spec: string): string {
  if (spec === "") return textOf(value);
  const match = SPEC.exec(spec);
  if (!match) throw new JinjaRuntimeError(`"${spec}" is not a format`);
  const [, fill, align, sign, alternate, zero, width, group, precision, type] = match;
  const read: Spec = {
    fill: fill ?? (zero ? "0" : " "),
    align: align ?? (zero ? "=" : ""),
    sign: sign ?? "-",
    alternate: alternate !== undefined,
    width: bounded(width ?? "0"),
    group: group ?? "",
    precision: precision === undefined ? undefined : bounded(precision),
    type: type ?? "",
  };
  if (
    isNumber(value) && typeof value !== "boolean"
      ? read.type !== "s"
      : typeof value === "boolean" && read.type !== "" && read.type !== "s"
  )
    return formatNumber(value as number | WholeFloat | boolean, read);
  if (read.type !== "" && read.type !== "s")
    throw new JinjaRuntimeError(`the format "${spec}" is for a number, not for ${typeName(value)}`);
  const text = textOf(value);
  const cut = read.precision === undefined ? text : [...text].slice(0, read.precision).join("");
  return pad(cut, "", read, "<");
}

function formatNumber(value: number | WholeFloat | boolean, spec: Spec): string {
  const number = numberOf(value);
  const isInt = !(value instanceof WholeFloat) && Number.isInteger(number);
  const size = Math.abs(number);
  const negative = number < 0 || Object.is(number, -0);
  const sign = negative ? "-" : spec.sign === "-" ? "" : spec.sign;
  const type = spec.type || (isInt ? "d" : spec.precision === undefined ? "" : "g");
  return pad(digitsOf(size, type, spec, isInt, value), sign, spec, ">");
}

function digitsOf(size: number, type: string, spec: Spec, isInt: boolean, value: unknown): string {
  const { precision = 6, group, alternate } = spec;
  const whole = (base: number, prefix: string) => {
    if (!isInt) throw new JinjaRuntimeError(`the format "${type}" is for a whole number`);
    return (alternate ? prefix : "") + BigInt(size).toString(base);
  };
  switch (type) {
    case "d":
    case "n":
      return grouped(whole(10, ""), group);
    case "x":
      return whole(16, "0x");
    case "X":
      return whole(16, "0X").toUpperCase();
    case "o":
      return whole(8, "0o");
    case "b":
      return whole(2, "0b");
    case "c":
      return String.fromCodePoint(Math.min(size, 0x10ffff));
    case "f":
    case "F":
      return grouped(fixed(size, precision), group);
    case "%":
      return `${grouped(fixed(size * 100, precision), group)}%`;
    case "e":
    case "E": {
      const text = exponent(size.toExponential(Math.min(precision, 100)));
      return type === "E" ? text.toUpperCase() : text;
    }
    case "g":
    case "G": {
      const text = general(size, precision || 1, alternate);
      return grouped(type === "G" ? text.toUpperCase() : text, group);
    }
    default:
      return grouped(textOf(value instanceof WholeFloat ? float(size) : size), group);
  }
}

function exponent(text: string): string {
  return text.replace(/e([-+])(\d)$/, "e$10$2");
}

function general(size: number, precision: number, keepZeros: boolean): string {
  if (!Number.isFinite(size)) return textOf(size);
  const power = size === 0 ? 0 : Number(/e(.*)$/.exec(size.toExponential(Math.min(precision, 101) - 1))![1]);
  const trim = (text: string) => (keepZeros || !text.includes(".") ? text : text.replace(/\.?0+$/, ""));
  if (power < -4 || power >= precision) {
    const [digits, rest] = size.toExponential(precision - 1).split("e");
    return exponent(`${trim(digits!)}e${rest!}`);
  }
  return trim(fixed(size, precision - 1 - power));
}

function grouped(text: string, group: string): string {
  if (group === "") return text;
  const [whole, rest] = text.split(/(?=[.e])/, 2) as [string, string?];
  return whole.replace(/\B(?=(\d{3})+$)/g, group) + (rest ?? "");
}

function pad(text: string, sign: string, { fill, align, width }: Spec, usual: string): string {
  const missing = Math.max(0, width - charactersOf(sign + text).length);
  const how = align || usual;
  if (how === "=") return sign + fill.repeat(missing) + text;
  if (how === "<") return sign + text + fill.repeat(missing);
  if (how === ">") return fill.repeat(missing) + sign + text;
  const left = missing >> 1;
  return fill.repeat(left) + sign + text + fill.repeat(missing - left);
}

function bounded(text: string): number {
  const number = Number(text);
  if (number > MOST) throw new JinjaRuntimeError(`a format has a width and a precision of ${MOST} at most`);
  return number;
}

/** Python's `repr` of a text; anything else as it is printed. */
function represented(value: unknown): string {
  if (typeof value !== "string") return textOf(value);
  const quote = value.includes("'") && !value.includes('"') ? '"' : "'";
  const escaped = value
    .replaceAll("\\", "\\\\")
    .replaceAll("\n", "\\n")
    .replaceAll("\r", "\\r")
    .replaceAll("\t", "\\t")
    .replaceAll(quote, `\\${quote}`);
  return quote + escaped + quote;
}

/** `"%s costs %.2f" % (name, price)`, also with names: `"%(name)s" % {…}`. */
export function percentFormat(
  format: string,
  given: unknown,
  named: ((key: string) => unknown) | undefined,
): string {
  const values = Array.isArray(given) ? given : [given];
  let next = 0;
  const text = format.replace(
    /%(?:\((.*?)\))?([-+ #0]*)(\*|\d+)?(?:\.(\d+))?[hlL]?([\s\S]?)/g,
    (
      whole,
      key: string | undefined,
      flags: string,
      width: string | undefined,
      precision: string | undefined,
      type: string,
    ) => {
      if (type === "%") return "%";
      if (width === "*" || !"diouxXeEfFgGcrsa".includes(type) || type === "")
        throw new JinjaRuntimeError(`"${whole}" is not a format`);
      let value: unknown;
      if (key !== undefined) value = named?.(key);
      else {
        if (next >= values.length)
          throw new JinjaRuntimeError("there are fewer values than the format has places");
        value = values[next++];
      }
      if (value === undefined)
        throw new JinjaRuntimeError(`the format asks for "${key ?? ""}", which is not there`);
      const left = flags.includes("-") ? "<" : "";
      const zero = flags.includes("0") && !left ? "0" : "";
      const sign = flags.includes("+") ? "+" : flags.includes(" ") ? " " : "";
      const point = precision === undefined ? "" : `.${precision}`;
      if ("rsa".includes(type))
        return formatSpec(
          type === "s" ? textOf(value) : represented(value),
          `${left || ">"}${width ?? ""}${point}`,
        );
      if (type === "c" && typeof value === "string") return formatSpec(value, `${left || ">"}${width ?? ""}`);
      if (!isNumber(value)) throw new JinjaRuntimeError(`"${whole}" needs a number, not ${typeName(value)}`);
      if ("diu".includes(type)) {
        const n = Math.trunc(numberOf(value));
        return formatSpec(n, `${left}${sign}${zero}${width ?? ""}d`);
      }
      const alternate = flags.includes("#") ? "#" : "";
      const number = "xXoc".includes(type) ? numberOf(value) : value;
      return formatSpec(number, `${left}${sign}${alternate}${zero}${width ?? ""}${point}${type}`);
    },
  );
  if (!named && next < values.length)
    throw new JinjaRuntimeError("there are more values than the format has places");
  return text;
}

/** `"{} and {0.name:>10}".format(…)`. `lookUp` follows what stands before the colon. */
export function braceFormat(format: string, lookUp: (field: string) => unknown): string {
  let automatic = 0;
  return format.replace(/\{\{|\}\}|\{([^{}]*)\}|[{}]/g, (whole, field: string | undefined) => {
    if (whole === "{{") return "{";
    if (whole === "}}") return "}";
    if (field === undefined) throw new JinjaRuntimeError('a format has a "{" or "}" that stands alone');
    const [, path = "", conversion, spec = ""] = /^([^!:]*)(?:!([rsa]))?(?::([\s\S]*))?$/.exec(field) ?? [];
    const value = lookUp(/^(?=[.[]|$)/.test(path) ? `${automatic++}${path}` : path);
    const converted = conversion === "s" ? textOf(value) : conversion ? represented(value) : value;
    return formatSpec(converted, spec);
  });
}

import { percentFormat } from "./formatting.ts";
import type { FilterContext } from "./filter.ts";
import { JinjaRuntimeError } from "./nodes.ts";
import {
  compare,
  contains,
  equal,
  float,
  isDict,
  isFloat,
  isNumber,
  itemOf,
  numberOf,
  textOf,
  typeName,
} from "./python.ts";

/** `left operator right`, as Python has it; `and` and `or` are not for here, since they may look at one side only. */
export function operate(context: FilterContext, operator: string, left: unknown, right: unknown): unknown {
  switch (operator) {
    case "==":
      return equal(left, right);
    case "!=":
      return !equal(left, right);
    case "<":
      return compare(left, right) < 0;
    case "<=":
      return compare(left, right) <= 0;
    case ">":
      return compare(left, right) > 0;
    case ">=":
      return compare(left, right) >= 0;
    case "in":
      return contains(right, left);
    case "not in":
      return !contains(right, left);
    case "~":
      return textOf(left) + textOf(right);
    case "%":
      if (typeof left === "string")
        return percentFormat(left, right, isDict(right) ? (key) => itemOf(right, key) : undefined);
  }
  if (operator === "+") {
    if (typeof left === "string" && typeof right === "string") return left + right;
    if (Array.isArray(left) && Array.isArray(right)) {
      context.spend(left.length + right.length);
      return [...(left as unknown[]), ...(right as unknown[])];
    }
  }
  if (operator === "*") {
    const times = isNumber(right) ? right : left;
    const what = isNumber(right) ? left : right;
    if ((typeof what === "string" || Array.isArray(what)) && isNumber(times))
      return repeat(context, what, numberOf(times));
  }
  if (isNumber(left) && isNumber(right)) return arithmetic(operator, left, right);
  throw new JinjaRuntimeError(
    `unknown operator "${operator}" between ${typeName(left)} and ${typeName(right)}`,
  );
}

function repeat(context: FilterContext, what: string | unknown[], times: number): unknown {
  const count = Math.max(0, Math.trunc(times));
  context.bound(what.length * count);
  if (typeof what === "string") return what.repeat(count);
  context.spend(what.length * count);
  return Array.from({ length: count }, () => what).flat();
}

function arithmetic(operator: string, left: unknown, right: unknown): unknown {
  const a = numberOf(left as number);
  const b = numberOf(right as number);
  const floats = isFloat(left) || isFloat(right);
  const made = (value: number) => (floats ? float(value) : value);
  if (b === 0 && ["/", "//", "%"].includes(operator)) throw new JinjaRuntimeError("a division by zero");
  switch (operator) {
    case "+":
      return made(a + b);
    case "-":
      return made(a - b);
    case "*":
      return made(a * b);
    case "/":
      return float(a / b);
    case "//":
      return made(Math.floor(a / b));
    case "%": {
      const rest = a % b;
      return made(rest !== 0 && rest < 0 !== b < 0 ? rest + b : rest);
    }
    case "**":
      return floats || b < 0 ? float(a ** b) : a ** b;
    default:
      throw new JinjaRuntimeError(`unknown operator "${operator}"`);
  }
}

/** Python's slices: `[start:stop:step]`, from the end where a number is negative. */
export function slice(value: unknown, start: unknown, stop: unknown, step: unknown): unknown {
  if (typeof value !== "string" && !Array.isArray(value))
    throw new JinjaRuntimeError(`${typeName(value)} cannot be sliced`);
  const items: readonly unknown[] = typeof value === "string" ? [...value] : value;
  const by = step === undefined || step === null ? 1 : index(step);
  if (by === 0) throw new JinjaRuntimeError("a slice with a step of 0 never ends");
  const { length } = items;
  const place = (given: unknown, usual: number) => {
    if (given === undefined || given === null) return usual;
    const at = index(given);
    const fromStart = at < 0 ? at + length : at;
    return by > 0 ? Math.min(Math.max(fromStart, 0), length) : Math.min(Math.max(fromStart, -1), length - 1);
  };
  const from = place(start, by > 0 ? 0 : length - 1);
  const to = place(stop, by > 0 ? length : -1);
  const picked: unknown[] = [];
  for (let i = from; by > 0 ? i < to : i > to; i += by) picked.push(items[i]);
  return typeof value === "string" ? picked.join("") : picked;
}

function index(value: unknown): number {
  if (!isNumber(value) || isFloat(value)) throw new JinjaRuntimeError("a slice takes whole numbers");
  return numberOf(value);
}

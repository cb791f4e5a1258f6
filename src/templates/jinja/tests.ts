import { JinjaRuntimeError } from "./nodes.ts";
import {
  Callable,
  compare,
  contains,
  equal,
  isDict,
  isFloat,
  isInteger,
  isNumber,
  numberOf,
  typeName,
  Undefined,
} from "./python.ts";

type Test = (value: unknown, args: readonly unknown[]) => boolean;

const number = (value: unknown, name: string): number => {
  if (!isNumber(value)) throw new JinjaRuntimeError(`"is ${name}" needs a number, not ${typeName(value)}`);
  return numberOf(value);
};
const modulo = (a: number, b: number) => ((a % b) + b) % b;

const NAMED: Readonly<Record<string, Test>> = {
  boolean: (value) => typeof value === "boolean",
  callable: (value) => value instanceof Callable,
  defined: (value) => !(value instanceof Undefined),
  undefined: (value) => value instanceof Undefined,
  divisibleby: (value, [by]) => modulo(number(value, "divisibleby"), number(by, "divisibleby")) === 0,
  escaped: () => false,
  even: (value) => modulo(number(value, "even"), 2) === 0,
  odd: (value) => modulo(number(value, "odd"), 2) === 1,
  eq: (value, [other]) => equal(value, other),
  ne: (value, [other]) => !equal(value, other),
  lt: (value, [other]) => compare(value, other) < 0,
  le: (value, [other]) => compare(value, other) <= 0,
  gt: (value, [other]) => compare(value, other) > 0,
  ge: (value, [other]) => compare(value, other) >= 0,
  in: (value, [holder]) => contains(holder, value),
  false: (value) => value === false,
  true: (value) => value === true,
  float: isFloat,
  integer: isInteger,
  iterable: (value) => typeof value === "string" || Array.isArray(value) || isDict(value),
  lower: (value) =>
    typeof value === "string" && value === value.toLowerCase() && value !== value.toUpperCase(),
  upper: (value) =>
    typeof value === "string" && value === value.toUpperCase() && value !== value.toLowerCase(),
  mapping: isDict,
  none: (value) => value === null,
  number: isNumber,
  sameas: (value, [other]) => Object.is(value, other),
  sequence: (value) => typeof value === "string" || Array.isArray(value) || isDict(value),
  string: (value) => typeof value === "string",
};

const ALIASES: Readonly<Record<string, string>> = {
  equalto: "eq",
  lessthan: "lt",
  greaterthan: "gt",
  "==": "eq",
  "!=": "ne",
  "<": "lt",
  "<=": "le",
  ">": "gt",
  ">=": "ge",
};

export const TESTS: ReadonlyMap<string, Test> = (() => {
  const all = new Map(Object.entries(NAMED));
  for (const [alias, name] of Object.entries(ALIASES)) all.set(alias, all.get(name)!);
  return all;
})();

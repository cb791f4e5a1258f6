import { isDeepStrictEqual } from "node:util";
import { type Assertion, grade, quote } from "./assertion.ts";
import { type AssertionKind, needsText } from "./assertion-kind.ts";
import { parseJsonText } from "../../../domain/json/json-text.ts";

/** Texts that must be there, as a list or separated by commas (a comma inside double quotes does not separate). */
function listOf(value: unknown): string[] {
  if (Array.isArray(value)) return value.map(String);
  return [...String(value).matchAll(/\s*(?:"((?:[^"]|"")*)"|([^,]*))\s*(?:,|$)/g)]
    .map((match) => match[1]?.replaceAll('""', '"') ?? match[2]!.trim())
    .filter((item) => item !== "");
}

function needsList({ value }: Assertion): string | undefined {
  if (value === undefined || value === null || (typeof value === "object" && !Array.isArray(value)))
    return "it needs a value: a list of texts";
  return listOf(value).length === 0 ? "its list is empty" : undefined;
}

const same = (text: string) => text;
const lower = (text: string) => text.toLowerCase();

function contains(fold: (text: string) => string): AssertionKind {
  return {
    problem: needsText,
    grade({ value }, { text }) {
      const found = fold(text).includes(fold(String(value)));
      return grade(found, `the answer ${found ? "contains" : "does not contain"} ${quote(value)}`);
    },
  };
}

function containsAll(fold: (text: string) => string): AssertionKind {
  return {
    problem: needsList,
    grade({ value }, { text }) {
      const missing = listOf(value).filter((item) => !fold(text).includes(fold(item)));
      if (missing.length === 0) return grade(true, "the answer contains all of the texts");
      return grade(false, `the answer does not contain ${missing.map((item) => quote(item)).join(", ")}`);
    },
  };
}

function containsAny(fold: (text: string) => string): AssertionKind {
  return {
    problem: needsList,
    grade({ value }, { text }) {
      const found = listOf(value).find((item) => fold(text).includes(fold(item)));
      if (found !== undefined) return grade(true, `the answer contains ${quote(found)}`);
      return grade(false, `the answer contains none of ${quote(listOf(value).join(", "))}`);
    },
  };
}

export const textKinds: Readonly<Record<string, AssertionKind>> = {
  equals: {
    problem: ({ value }) => (value === undefined || value === null ? "it needs a value" : undefined),
    grade({ value }, { text }) {
      const equal =
        typeof value === "object"
          ? isDeepStrictEqual(parseJsonText(text)?.value, value)
          : text === (typeof value === "string" ? value : JSON.stringify(value));
      return grade(equal, `the answer ${quote(text)} ${equal ? "equals" : "is not"} ${quote(value)}`);
    },
  },
  contains: contains(same),
  icontains: contains(lower),
  "contains-all": containsAll(same),
  "icontains-all": containsAll(lower),
  "contains-any": containsAny(same),
  "icontains-any": containsAny(lower),
  "starts-with": {
    problem: needsText,
    grade({ value }, { text }) {
      const starts = text.startsWith(String(value));
      return grade(starts, `the answer ${starts ? "starts" : "does not start"} with ${quote(value)}`);
    },
  },
};

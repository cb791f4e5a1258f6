import { describe, expect, it } from "vitest";
import type { Artifact } from "../../../src/domain/prompt/artifact.ts";
import { callerBreaks } from "../../../src/domain/prompt/caller-breaks.ts";
import type { Caller, CallerValue } from "../../../src/domain/shapes/callers.ts";

const NOW = "2026-11-30T12:00:00.000Z";
const WHO = "web (production, 1,204 calls, last seen 2026-11-30 12:00 UTC)";

function value(name: string, more: Partial<CallerValue> = {}): CallerValue {
  return {
    kind: "variable",
    name,
    types: ["string"],
    longest: 256,
    calls: 1_204,
    lastSeen: NOW,
    always: true,
    ...more,
  };
}

function caller(...values: CallerValue[]): Caller {
  return {
    service: "web",
    label: "production",
    tenant: null,
    calls: 1_204,
    firstSeen: NOW,
    lastSeen: NOW,
    values,
  };
}

function artifact(variables: Artifact["variables"], more: Partial<Artifact> = {}): Artifact {
  return { syntax: "jinja", model: "openai/m", params: {}, variables, messages: [], ...more };
}

const said = (...given: Parameters<typeof callerBreaks>) =>
  callerBreaks(...given).map(({ severity, message }) => `${severity}: ${message.replace(WHO, "web")}`);

describe("what a version does to its callers", () => {
  it("is an error where one does not send what is required, and says who", () => {
    const found = callerBreaks(
      [caller(value("name"))],
      undefined,
      artifact({ tier: { type: "string", required: true } }),
    );
    expect(found[0]).toEqual({
      service: "web",
      label: "production",
      tenant: null,
      severity: "error",
      part: "variables.tier",
      message: `${WHO} does not send "tier", which is required`,
    });
  });

  const required = artifact({ name: { type: "string", required: true } });
  it.each<[string, Caller, Artifact, Artifact, string[]]>([
    ["nothing new", caller(), required, required, []],
    [
      "a default",
      caller(),
      artifact({}),
      artifact({ a: { type: "string", required: true, default: "x" } }),
      [],
    ],
    [
      "what some processes do not send",
      caller(value("name", { always: false })),
      artifact({ name: { type: "string" } }),
      required,
      ['error: web does not always send "name", which is required'],
    ],
    [
      "a template that goes on without it",
      caller(),
      artifact({}),
      artifact({ a: { type: "string", required: true } }, { syntax: "dollar" }),
      ['warning: web does not send "a", which is required'],
    ],
    [
      "another type",
      caller(value("n", { types: ["null", "number", "string"], longest: 4 })),
      artifact({ n: { type: "json" } }),
      artifact({ n: { type: "number" } }),
      ['error: web sends a string for "n", which is a number'],
    ],
    [
      "a limit that is passed for sure",
      caller(value("n", { longest: 512 })),
      artifact({ n: { type: "string" } }),
      artifact({ n: { type: "string", max_length: 256 } }),
      ['error: web sends more than 256 characters for "n", which takes 256 at most'],
    ],
    [
      "a limit that may be passed",
      caller(value("n", { types: ["list"], longest: 8 })),
      artifact({ n: { type: "list" } }),
      artifact({ n: { type: "list", max_length: 5 } }),
      ['warning: web sends perhaps more than 5 items for "n", which takes 5 at most'],
    ],
    [
      "a limit that is kept",
      caller(value("n", { longest: 256 })),
      artifact({ n: { type: "string" } }),
      artifact({ n: { type: "string", max_length: 256 } }),
      [],
    ],
    [
      "a variable and a placeholder that are gone, and one that is new",
      caller(value("n"), value("history", { kind: "placeholder", types: ["list"] })),
      artifact({ n: { type: "string" } }, { messages: [{ placeholder: "history" }] }),
      artifact({}, { messages: [{ placeholder: "documents" }] }),
      [
        'warning: web sends "n", which is not used',
        'warning: web fills the placeholder "history", which is not there: its messages are dropped',
        'warning: web leaves the placeholder "documents" empty',
      ],
    ],
    [
      "a value that is not trusted any more",
      caller(value("n")),
      artifact({ n: { type: "string", trusted: true } }),
      artifact({ n: { type: "string", untrusted: true } }),
      ['warning: web sends "n", which is untrusted now: its text comes between delimiters'],
    ],
  ])("of %s", (_, one, before, after, expected) => {
    expect(said([one], before, after)).toEqual(expected);
  });
});

import { describe, expect, it } from "vitest";
import { changedValues, type SentBefore } from "../../../src/domain/monitors/changed-values.ts";
import { sayChangedValues } from "../../../src/domain/plain/say-changed-values.ts";

const call = (service = "web"): SentBefore => ({ service, kind: "call", name: "", types: [], longest: 0 });
const sent = (name: string, more: Partial<SentBefore> = {}): SentBefore => ({
  service: "web",
  kind: "variable",
  name,
  types: ["string"],
  longest: 64,
  ...more,
});
const say = (before: readonly SentBefore[], now: readonly SentBefore[]) =>
  sayChangedValues(changedValues(before, now));

describe("what services send otherwise than before", () => {
  it.each([
    [
      "longer",
      [call(), sent("question", { longest: 4096 })],
      "question of web is up to 4,096 long, it was up to 64",
    ],
    [
      "of another type",
      [call(), sent("question", { types: ["json", "string"] })],
      "web now sends question as json, too",
    ],
    ["new", [call(), sent("question"), sent("tone")], "web now sends tone"],
    ["gone", [call()], "web sends question no longer"],
    [
      "from a new service",
      [call(), sent("question"), call("batch"), sent("question", { service: "batch", longest: 9_999 })],
      "batch has begun to call it",
    ],
  ])("is told where it is %s", (_, now, said) => {
    expect(say([call(), sent("question")], now)).toEqual([`What is known of that: ${said}.`]);
  });

  it("is nothing by one power of two, where nobody calls any more, or where nothing is known of before", () => {
    const before = [call(), sent("question"), sent("flag", { types: ["boolean"], longest: 0 })];
    expect(say(before, [call(), sent("question", { longest: 128 }), before[2]!])).toEqual([]);
    expect(say(before, [])).toEqual([]);
    expect(say([], [call(), sent("question")])).toEqual([]);
  });

  it("is told of three, and that there is more", () => {
    const many = ["a", "b", "c", "d", "e"].map((name) => sent(name));
    expect(say([call()], [call(), ...many])).toEqual([
      "What is known of that: web now sends a; web now sends b; web now sends c; and 2 more.",
    ]);
  });
});

import { describe, expect, it } from "vitest";
import { invalidInput } from "../../../src/domain/errors.ts";
import { cut, shown, visible, visibleLines } from "../../../src/domain/text/visible.ts";

describe("foreign text", () => {
  it("shows whatever would act on a terminal, hide or reorder as its escape", () => {
    const acts: Record<string, string> = {
      "\u001b[2J": "\\u001b[2J",
      "\u001b]52;c;c2VjcmV0\u0007": "\\u001b]52;c;c2VjcmV0\\u0007",
      "\u009b31m": "\\u009b31m",
      "a\rb\nc\td": "a\\rb\\nc\\td",
      "\u007f\u0000": "\\u007f\\u0000",
      "\u202egnp.exe\u202c": "\\u202egnp.exe\\u202c",
      "\u2066x\u2069": "\\u2066x\\u2069",
      "a\u200bb\ufeff\u2060\u00ad": "a\\u200bb\\ufeff\\u2060\\u00ad",
      "\u2028\u2029": "\\u2028\\u2029",
      "\u{e0041}": "\\u{e0041}",
      "\ud83d!": "\\ud83d!",
      "\u3164": "\\u3164",
    };
    for (const [text, expected] of Object.entries(acts)) {
      expect(visible(text)).toBe(expected);
      expect(visible(expected)).toBe(expected);
    }
  });

  it("leaves what can be read as it is: every script, combining marks, emoji of several", () => {
    for (const text of ["Straße 5 %", "नमस्ते", "שלום", "日本語", "e\u0301", "👩‍💻 👍🏽‍💻 👨‍👩‍👧", "❤️‍🔥"])
      expect(visible(text)).toBe(text);
    expect(visible("a\u200db")).toBe("a\\u200db");
    expect(visible("\ue000👩‍💻")).toContain("\\u200d");
  });

  it("keeps its lines where it is shown as several", () => {
    expect(visibleLines("one\r\n\ttwo\n\u001b[1Athree\r")).toBe("one\n\ttwo\n\\u001b[1Athree\\r");
  });

  it("is cut between characters, and repeated by a message for forty of them at most", () => {
    expect(cut("👍".repeat(41))).toBe(`${"👍".repeat(40)}…`);
    expect(cut("👍".repeat(40))).toBe("👍".repeat(40));
    expect(shown("s".repeat(41))).toBe(`"${"s".repeat(40)}…"`);
    expect(shown("\u001b[0m")).toBe('"\\u001b[0m"');
    expect([shown(1.5), shown(null), shown(["secret"]), shown({ a: "secret" })]).toEqual([
      "1.5",
      "null",
      "a list",
      "a value of type object",
    ]);
  });

  it("makes one line of every error's message, whatever it quotes", () => {
    const { message } = invalidInput(`a\n  b\u001b[2J${"x".repeat(9000)}`);
    expect(message.startsWith("a b\\u001b[2Jxxx")).toBe(true);
    expect(message).toHaveLength(4001);
  });
});

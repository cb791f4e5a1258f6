import { describe, expect, it } from "vitest";
import { COMMANDS } from "../../../src/cli/parsing/command-list.ts";
import { completionWords } from "../../../src/cli/parsing/completion-words.ts";
import { runSluice } from "../run-sluice.ts";

const complete = (...typed: string[]) => {
  const { words, more } = completionWords(COMMANDS, typed);
  return { words: words.map(([word]) => word), more };
};

describe("completing a word", () => {
  it("offers commands, and the commands below one", () => {
    expect(complete("ro").words).toEqual(["rollout", "rollback"]);
    expect(complete("rollout", "st").words).toEqual(["start", "status"]);
    expect(complete("dead-letters", "").words).toEqual(["list", "show", "redrive", "discard"]);
  });

  it("offers names of prompts and files where they belong", () => {
    expect(complete("rollout", "status", "").more).toBe("prompt");
    expect(complete("push", "").more).toBe("file");
    expect(complete("push", "a.yaml", "").more).toBe("file");
    expect(complete("rollout", "start", "x@1", "--policy", "").more).toBe("file");
    expect(complete("rollback", "x", "--to", "").more).toBe("prompt");
    expect(complete("rollback", "x", "--reason", "").more).toBeNull();
    expect(complete("rollout", "status", "x", "").more).toBeNull();
  });

  it("offers both where a name may stand beside a command", () => {
    expect(complete("pointers", "")).toEqual({ words: ["set"], more: "prompt" });
  });

  it("offers the options of the command", () => {
    expect(complete("rollout", "start", "x@1", "--re").words).toEqual(["--replace"]);
    expect(complete("rollout", "start", "x@1", "--la").words).toEqual(["--label"]);
    expect(complete("completion", "").words).toEqual(["bash", "zsh", "fish"]);
  });

  it("offers what every command takes, and no earlier name of an option", () => {
    expect(complete("list", "--ver").words).toEqual(["--verbose"]);
    expect(complete("simulate", "--").words).toEqual([
      "--policy",
      "--effect",
      "--baseline",
      "--segment",
      "--traffic",
      "--runs",
      "--seed",
      "--label",
      "--model",
      "--tenant",
      "--json",
      "--quiet",
      "--verbose",
      "--help",
    ]);
  });

  it("offers nothing after what is no command, and never the hidden ones", () => {
    expect(complete("frobnicate", "")).toEqual({ words: [], more: null });
    expect(complete("comp").words).toEqual(["completion"]);
  });

  it("stays silent when the store is away", async () => {
    const env = { DATABASE_URL: "postgres://127.0.0.1:1/nothing" };
    const ran = await runSluice(["complete", "--", "rollout", "status", ""], { env });
    expect(ran).toEqual({ code: 0, stdout: "", stderr: "" });
  });
});

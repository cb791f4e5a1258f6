import { describe, expect, it } from "vitest";
import { COMMANDS } from "../../../src/cli/parsing/command-list.ts";
import { LOADERS } from "../../../src/cli/loaders.ts";
import { CommandArguments } from "../../../src/cli/parsing/command-arguments.ts";
import type { Given } from "../../../src/cli/parsing/given.ts";

const given = (options: Record<string, unknown>) =>
  new CommandArguments<string, string, string>([], options) as never;

describe("the options that a command reads", () => {
  it("are those of its spec, each as its flags say: any other name does not compile", () => {
    const start: Given<"rollout start"> = given({ again: true, wait: "gate", label: "staging" });
    expect(start.flag("again")).toBe(true);
    expect(start.text("wait")).toBe("gate");
    expect(start.scope("greeting").label).toBe("staging");
    // @ts-expect-error mistyped
    expect(start.flag("agian")).toBe(false);
    // @ts-expect-error another command's
    expect(start.text("to")).toBeUndefined();
    // @ts-expect-error a flag has no text
    start.text("again");

    const list: Given<"list"> = given({ tag: ["a"], archived: true });
    expect(list.list("tag")).toEqual(["a"]);
    // @ts-expect-error given several times, so a list
    list.text("tag");
    // @ts-expect-error it takes no scope
    list.scope("greeting");

    const simulate: Given<"simulate"> = given({ effect: ["rating=1"] });
    expect(simulate.list("effect")).toEqual(["rating=1"]);
    const rollback: Given<"rollback"> = given({ waitForFleet: "0" });
    expect(rollback.text("waitForFleet")).toBe("0");
    const dev: Given<"dev"> = given({ modelServer: true });
    expect(dev.flag("modelServer")).toBe(true);
  });

  it("stand beside what each command runs, which compiles for its own options alone", () => {
    expect(Object.keys(LOADERS).toSorted()).toEqual(COMMANDS.map(({ name }) => name).toSorted());
    const run = async (_: unknown, all: Given<"rollout start">) => void all.flag("again");
    // @ts-expect-error `list` has no --again
    const wrong: Pick<typeof LOADERS, "list"> = { list: async () => ({ run }) };
    expect(wrong).toHaveProperty("list");
  });
});

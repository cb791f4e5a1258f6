import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readAskedLabel, ASKED_LABEL } from "../../../src/server/langfuse/asked-label.ts";
import { bareName, carryingName, readCarrier } from "../../../src/server/langfuse/carrier.ts";

const rolloutId = "0d9c7f6a-0000-4000-8000-000000000000";
const resolved = (more: object) => ({ rolloutId, arm: "unenrolled", epoch: 3, ...more }) as never;

describe("the name of a prompt", () => {
  it.each([
    ["candidate", "team/help~0d9c7f6a.c.3"],
    ["control", "team/help~0d9c7f6a.k.3"],
    ["unenrolled", "team/help~0d9c7f6a.n.3"],
  ] as const)("says that it was served to the %s", (arm, name) => {
    expect(carryingName("team/help", resolved({ arm }))).toBe(name);
    expect(readCarrier(name)).toEqual({ rollout: "0d9c7f6a", arm, epoch: 3 });
    expect(bareName(name)).toBe("team/help");
  });

  it("says nothing while no rollout is on", () => {
    expect(carryingName("team/help", resolved({ rolloutId: null, epoch: null }))).toBe("team/help");
    expect(readCarrier("team/help")).toBeUndefined();
  });

  it.each([
    "",
    "~",
    "a~",
    "a~0d9c7f6a",
    "a~0d9c7f6a.x.3",
    "a~0d9c7f6a.c.",
    "a~0d9c7f6a.c.-1",
    "a~0D9C7F6A.c.3",
    "a~0d9c7f6a.c.3~0d9c7f6a.c.3",
    "a~0d9c7f6a.c.1e3",
    "a~0d9c7f6a.c.9999999999",
  ])("carries nothing as %j, which no server wrote", (name) => expect(readCarrier(name)).toBeUndefined());

  it("is found again whatever stands behind it", () => {
    fc.assert(
      fc.property(fc.string(), (behind) => {
        expect(bareName(`team/help~${behind}`)).toBe("team/help");
        expect(() => readCarrier(`team/help~${behind}`)).not.toThrow();
      }),
    );
  });
});

describe("a label that is asked for", () => {
  it("names nobody, a cell or a unit", () => {
    expect(readAskedLabel("production")).toEqual({ label: "production", unit: undefined });
    expect(readAskedLabel("production~~0a")).toEqual({ label: "production", unit: { digits: "0a" } });
    expect(readAskedLabel("production~user 1~2")).toEqual({ label: "production", unit: "user 1~2" });
  });

  it.each([
    "production~~",
    "production~~0g",
    "production~~0A",
    "production~~00000",
    "production~",
    "Production~~0a",
    "~~0a",
  ])("is none as %j", (text) => expect(ASKED_LABEL.test(text)).toBe(false));
});

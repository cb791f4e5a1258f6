import { describe, expect, it } from "vitest";
import { describeVersionStatus, versionStatus } from "../../../src/domain/prompt/version-status.ts";

const never = { active: false, rollingOut: false, past: false, archived: false };

describe("the status of a version", () => {
  it("is live before all else, and a draft while nobody has rolled it out", () => {
    expect(versionStatus(never)).toBe("draft");
    expect(versionStatus({ ...never, past: true })).toBe("retired");
    expect(versionStatus({ ...never, past: true, archived: true })).toBe("archived");
    expect(versionStatus({ ...never, past: true, rollingOut: true, archived: true })).toBe("testing");
    expect(versionStatus({ active: true, past: true, rollingOut: true, archived: true })).toBe("live");
  });

  it.each([
    [true, "promoted", "retired (was live)"],
    [true, "aborted", "retired (was live)"],
    [false, "rejected", "retired (rejected)"],
    [false, "rolled_back", "retired (rolled back)"],
    [false, null, "retired (never live)"],
  ])("says of a retired one whether it was ever live (%s, %s): %s", (wasLive, outcome, said) => {
    expect(describeVersionStatus({ status: "retired", wasLive, rollout: { outcome } })).toBe(said);
  });
});

import fc from "fast-check";
import { expect, it } from "vitest";
import { watchHeartbeatMs } from "../../../src/domain/policy/watch-heartbeat.ts";

const SECOND = 1_000;
const MINUTE = 60 * SECOND;

it.each([
  ["the usual policy", 5 * MINUTE, 30 * SECOND, 30 * SECOND],
  ["a short lease", 10 * SECOND, 30 * SECOND, 3 * SECOND],
  ["looks that follow soon", 5 * MINUTE, 5 * SECOND, 5 * SECOND],
  ["looks that follow at once", 5 * MINUTE, 200, 3 * SECOND],
  ["a lease of a day", 24 * 60 * MINUTE, 60 * MINUTE, 30 * SECOND],
])(
  "a watch shows as few signs as its lease and its looks allow: %s",
  (_, lease_ms, interval_ms, expected) => {
    expect(watchHeartbeatMs({ lease_ms, interval_ms })).toBe(expected);
  },
);

it("a dead watch is missed long before its lease runs out, whatever the policy", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 10 * SECOND, max: 7 * 24 * 60 * MINUTE }),
      fc.integer({ min: 100, max: 24 * 60 * MINUTE }),
      (lease_ms, interval_ms) => {
        // The last renewal may be a third of the lease ago.
        expect(watchHeartbeatMs({ lease_ms, interval_ms })).toBeLessThan((lease_ms * 2) / 3 / 2);
      },
    ),
  );
});

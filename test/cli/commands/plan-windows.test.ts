import { describe, expect, it } from "vitest";
import { cutOffs } from "../../../src/cli/commands/rollouts/plan.ts";

describe("Windows under the default", () => {
  it("are one warning, however many metrics have them, with what each would have left out", () => {
    const shortWindows = { rating: 60_000, error: 60_000, latency_ms: 1000 };
    const cutOff = [
      { metric: "error", values: 200, late: 6 },
      { metric: "rating", values: 0, late: 0 },
      { metric: "latency_ms", values: 50, late: 0 },
    ];
    expect(cutOffs({ shortWindows, cutOff })).toEqual([
      "outcomes of rating and error within 60 s and latency_ms within 1 s after the exposure are counted, and what comes later is taken for unanswered: it would have been 3 % of the last 200 values of error and 0 % of the last 50 values of latency_ms here, how much that is of rating is not known yet; a vendor's SDK gives up after 10 minutes (the default window is 15m)",
    ]);
    expect(cutOffs({ shortWindows: {}, cutOff: [] })).toEqual([]);
  });
});

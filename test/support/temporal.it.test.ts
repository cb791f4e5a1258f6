import { Connection } from "@temporalio/client";
import { describe, expect, it } from "vitest";
import { temporalAddress } from "./temporal.ts";

describe("the run's Temporal", () => {
  it("is one server for everybody who asks, and knows our search attributes", async () => {
    const [address, again] = await Promise.all([temporalAddress(), temporalAddress()]);
    expect(again).toBe(address);
    const connection = await Connection.connect({ address });
    try {
      const { customAttributes } = await connection.operatorService.listSearchAttributes({
        namespace: "default",
      });
      expect(Object.keys(customAttributes ?? {})).toEqual(
        expect.arrayContaining(["SluicePrompt", "SluiceLabel", "SluicePhase", "SluiceOutcome"]),
      );
    } finally {
      await connection.close();
    }
  });
});

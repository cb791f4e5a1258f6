import { ApplicationFailure, CancelledFailure } from "@temporalio/common";
import { describe, expect, it } from "vitest";
import { toFailure, withFailures } from "../../activities/failures.ts";
import { SluiceError, unavailable } from "../../src/domain/errors.ts";

const failing = (code: string) => Object.assign(new Error(`failed with ${code}`), { code });

describe("the failure of an activity", () => {
  it.each(["25006", "57014", "53100", "EHOSTUNREACH", "ENETUNREACH", "25P03", "XX000"])(
    "is retried after what passes: %s",
    (code) => {
      expect(toFailure(failing(code))).toMatchObject({ type: "unavailable", nonRetryable: false });
    },
  );

  it("is retried after what nobody has foreseen", () => {
    expect(toFailure(new Error("new"))).toMatchObject({ type: "internal", nonRetryable: false });
  });

  it("is final after a mistake of ours", () => {
    expect(toFailure(failing("22P02"))).toMatchObject({ type: "internal", nonRetryable: true });
    expect(toFailure(new TypeError("x"))).toMatchObject({ type: "internal", nonRetryable: true });
    expect(toFailure(new SluiceError("conflict", "x"))).toMatchObject({
      type: "conflict",
      nonRetryable: true,
    });
    expect(toFailure(unavailable("x"))).toMatchObject({ type: "unavailable", nonRetryable: false });
  });

  it("stays what it is when it is a cancellation or a failure already", () => {
    for (const error of [new CancelledFailure("stop"), ApplicationFailure.nonRetryable("no")])
      expect(toFailure(error)).toBe(error);
  });

  it("says of which attempt it is, beside what it tells already", async () => {
    const failing = () => Promise.reject(new SluiceError("conflict", "x", { revision: 3 }));
    await expect(withFailures(failing, 4)).rejects.toMatchObject({
      type: "conflict",
      nonRetryable: true,
      details: [{ revision: 3 }, { attempt: 4 }],
    });
  });
});

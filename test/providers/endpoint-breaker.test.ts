import { beforeEach, describe, expect, it } from "vitest";
import { callFailure } from "../../src/providers/call-failure.ts";
import type { CallFailureKind } from "../../src/providers/failure-kinds.ts";
import { EndpointBreaker } from "../../src/providers/breaking/endpoint-breaker.ts";

const URL = "https://models.test/v1";
const OTHER = "https://elsewhere.test/v1";
let now: number;
let breaker: EndpointBreaker;
beforeEach(() => {
  now = 1_000_000;
  breaker = new EndpointBreaker({}, () => now);
});

const target = (model: string) => ({ provider: "openai", model });
/** How a call of a model ends: `ok`, or the kind of its failure. */
function call(ends: "ok" | CallFailureKind, model = "m", endpoint = URL): Promise<string> {
  const attempt = () =>
    ends === "ok"
      ? Promise.resolve("ok")
      : Promise.reject(callFailure(ends, { target: target(model), endpoint }, "it failed"));
  return breaker
    .guard(target(model), endpoint, attempt)
    .catch((error: unknown) => (error as { details: { kind: string } }).details.kind);
}
async function calls(
  count: number,
  ends: "ok" | CallFailureKind,
  model?: string,
): Promise<string | undefined> {
  let last: string | undefined;
  for (let n = 0; n < count; n++) last = await call(ends, model);
  return last;
}

describe("what has failed too often is asked no more", () => {
  it("after ten failures in a row, the model alone, and for a while", async () => {
    expect(await calls(10, "server")).toBe("server");
    expect(await call("ok")).toBe("circuit_open");
    expect(await call("ok", "other")).toBe("ok");
    now += 15_000;
    expect(await call("ok")).toBe("ok");
    expect(await calls(9, "server")).toBe("server");
    expect(await call("ok")).toBe("ok");
  });

  it("when half of the calls of half a minute fail, though never two in a row", async () => {
    for (let n = 0; n < 9; n++) {
      expect(await call("ok")).toBe("ok");
      expect(await call("idle_timeout")).toBe("idle_timeout");
      now += 1_000;
    }
    expect(await call("ok")).toBe("ok");
    expect(await call("interrupted")).toBe("interrupted");
    expect(await call("ok")).toBe("circuit_open");
  });

  it("never when a fifth of them fails, nor by what was long ago", async () => {
    for (let n = 0; n < 200; n++) expect(await call(n % 5 === 0 ? "server" : "ok")).not.toBe("circuit_open");
    for (let n = 0; n < 30; n++) {
      now += 31_000;
      await call("ok");
      expect(await call("server")).toBe("server");
    }
  });

  it("with all its models where the endpoint cannot be reached at all, and no other endpoint", async () => {
    await calls(10, "connection");
    expect(await call("ok", "other")).toBe("circuit_open");
    expect(await call("ok", "m", OTHER)).toBe("ok");
    expect(breaker.health().find(({ model, endpoint }) => model === null && endpoint === URL)).toMatchObject({
      state: "open",
      retryAfterMs: 15_000,
      reason: "connection",
    });
  });

  it("never by what is no outage: a limit, a wrong request, a caller who has gone", async () => {
    for (const kind of ["rate_limit", "request", "cancelled", "auth"] as const)
      expect(await calls(40, kind)).toBe(kind);
    expect(await call("ok")).toBe("ok");
  });

  it("is tried by one call alone, and by another when that one was called off", async () => {
    await calls(10, "server");
    now += 15_000;
    let end!: (error: unknown) => void;
    const attempt = () => new Promise<string>((_, reject) => (end = reject));
    const probe = breaker.guard(target("m"), URL, attempt);
    expect(await call("ok")).toBe("circuit_open");
    end(callFailure("cancelled", { target: target("m"), endpoint: URL }, "gone"));
    await expect(probe).rejects.toMatchObject({ details: { kind: "cancelled" } });
    expect(await call("server")).toBe("server");
    expect(await call("ok")).toBe("circuit_open");
    now += 15_000;
    expect(await calls(20, "ok")).toBe("ok");
  });
});

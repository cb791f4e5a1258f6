import { readFileSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { describe, expect, it } from "vitest";
import { failureOf } from "../../src/terminal/failure.ts";
import { isOutsideError } from "../../src/domain/outside-error.ts";

async function closedPort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

function thrown(work: () => unknown): unknown {
  try {
    return work();
  } catch (error) {
    return error;
  }
}

describe("an error that nobody has put into words", () => {
  it("is never called a bug when it came from outside: the system, the network, Postgres, Temporal", async () => {
    const outside = [
      thrown(() => readFileSync("/there/is/none")),
      await fetch(`http://127.0.0.1:${await closedPort()}/`).catch((error: unknown) => error),
      Object.assign(new Error("x"), { severity: "FATAL", code: "XX000" }),
      Object.assign(new Error("14 UNAVAILABLE"), { code: 14, details: "gone", metadata: {} }),
      new Error("wrapped", {
        cause: Object.assign(new Error("y"), { code: "ERR_SSL_WRONG_VERSION_NUMBER" }),
      }),
    ];
    for (const error of outside) {
      expect(isOutsideError(error)).toBe(true);
      expect(failureOf(error)).toMatchObject({ code: "unavailable", exitCode: 5 });
    }
  });

  it("is a bug of ours when it is a wrong call, a wrong statement, or anything else", () => {
    const ours = [
      new TypeError("undefined is not a function"),
      thrown(() => readFileSync(undefined as never)),
      Object.assign(new Error("syntax"), { severity: "ERROR", code: "42601" }),
      "a text",
    ];
    for (const error of ours) {
      expect(isOutsideError(error)).toBe(false);
      expect(failureOf(error)).toMatchObject({ code: "internal", exitCode: 70 });
    }
  });
});

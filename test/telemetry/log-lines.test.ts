import { expect, it } from "vitest";
import { readConfig } from "../../src/config.ts";
import type { LogFormat } from "../../src/telemetry/log-format.ts";
import { createLog } from "../../src/telemetry/log-lines.ts";
import { readPage } from "../documentation/markdown.ts";

const TABLE = readPage("docs/reference/operations.md").split("### Logs")[1]!.split("\n### ")[0]!;
const documented = new Set(
  [...TABLE.matchAll(/^\| (`[^|]+) \|/gm)].flatMap(([, cell]) => cell!.match(/(?<=`)\w+(?=`)/g) ?? []),
);

function logged(format: LogFormat, traceId?: string) {
  const lines: string[] = [];
  const log = createLog({
    part: "worker",
    format,
    write: (line) => lines.push(line),
    traceId: () => traceId,
  });
  return { log, lines };
}

it("is a JSON object a line, with time, level, part and message first and the trace that it is part of", () => {
  const { log, lines } = logged("json", "a".repeat(32));
  log("stage opened", { rolloutId: "r", prompt: "p", version: "p@2", activityType: "openStage", attempt: 1 });
  log("a\nb \u202e", { level: "warn", traceId: "b".repeat(32) });
  const [first, second] = lines.map((line) => JSON.parse(line) as Record<string, unknown>);
  expect(Object.keys(first!).slice(0, 4)).toEqual(["time", "level", "part", "message"]);
  expect(first).toMatchObject({ level: "info", part: "worker", rolloutId: "r", traceId: "a".repeat(32) });
  expect(new Date(String(first!["time"])).toISOString()).toBe(first!["time"]);
  expect(second).toMatchObject({ level: "warn", message: "a\nb \u202e", traceId: "b".repeat(32) });
  expect(lines.join("")).not.toContain("\n");
  for (const field of Object.keys(first!)) expect(documented).toContain(field);
});

it("is a sentence a line for people, which says once what it is about and hides nothing", () => {
  const { log, lines } = logged("plain");
  log("cleared rollout 7: its workflow is gone", { level: "warn", rolloutId: "7", prompt: "p" });
  log("worker\u202e ready\n");
  expect(lines).toEqual(["cleared rollout 7: its workflow is gone (prompt p)", "worker\\u202e ready\\n"]);
});

it("takes the two forms that there are", () => {
  expect(readConfig({ SLUICE_LOG_FORMAT: "plain" }, "/").logFormat).toBe("plain");
  expect(() => readConfig({ SLUICE_LOG_FORMAT: "xml" }, "/")).toThrow(
    'SLUICE_LOG_FORMAT: must be json or plain, not "xml"',
  );
});

import { stringify } from "yaml";
import type { DeadLetterRow } from "../../domain/shapes/dead-letters.ts";
import { counted } from "../../domain/text/counted.ts";
import { clock, wrap } from "../../terminal/text-layout.ts";

export function deadLetterLines(letter: DeadLetterRow, width: number): string[] {
  const facts: [string, string][] = [
    ["operation", letter.operation],
    ["since", clock(letter.createdAt)],
    ["prompt", letter.prompt ?? "none"],
    ["rollout", letter.rolloutId ?? "none"],
    ["why", `${letter.error.code}: ${letter.error.message}`],
    ...(letter.error.attempts === undefined
      ? []
      : [["tried", counted(letter.error.attempts, "time")] as [string, string]]),
    ...(letter.error.earlier ?? []).map(({ at, code, message }): [string, string] => [
      "before",
      `${clock(at)}: ${code}: ${message}`,
    ]),
    [
      "state",
      letter.status === "open"
        ? "open"
        : `${letter.status} by ${letter.resolvedBy}, ${clock(letter.resolvedAt!)}: ${letter.resolution}`,
    ],
  ];
  return [
    ...wrap(`dead letter ${letter.id}`, width),
    ...facts.flatMap(([name, value]) =>
      wrap(value, width - 13).map((line, at) => `  ${(at === 0 ? name : "").padEnd(11)}${line}`),
    ),
    "  payload",
    ...stringify(letter.payload, { lineWidth: width - 4 })
      .trimEnd()
      .split("\n")
      .map((line) => `    ${line}`),
  ];
}

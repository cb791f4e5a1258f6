import type { Environment } from "../config.ts";
import { columns, figure, span } from "../terminal/text-layout.ts";
import { endedAsExpected } from "./scene-text.ts";
import { PROMPT } from "./chapters.ts";
import type { Scene } from "./run-chapters.ts";
import type { TrafficCounts } from "./traffic.ts";

/** What happened, a line a version. */
export function endingTable(scenes: readonly Scene[], width: number): string[] {
  const rows = scenes.map((scene) => {
    const { status, chapter } = scene;
    const users = status.units.candidate + status.units.control;
    return [
      status.candidate,
      chapter.short,
      `${plain(status.outcome)}${endedAsExpected(scene) ? "" : `, not ${plain(chapter.expected)}`}`,
      status.stage === 0 ? "gate" : `canary, stage ${status.stage}`,
      users === 0 ? "-" : figure(users),
      span(Date.parse(status.endedAt ?? "") - Date.parse(status.startedAt)),
    ];
  });
  const heads = [
    { head: "version" },
    { head: "what it is" },
    { head: "outcome" },
    { head: "decided in" },
    { head: "users", align: "right" },
    { head: "took", align: "right" },
  ] as const;
  return columns(heads, rows, width);
}

function plain(outcome: string | null): string {
  return (outcome ?? "not ended").replaceAll("_", " ");
}

/** What a program reads of all chapters. */
export function endingJson(
  scenes: readonly Scene[],
  traffic: TrafficCounts,
  tookMs: number,
): Record<string, unknown> {
  return {
    asExpected: scenes.every(endedAsExpected),
    rollouts: scenes.map(({ status, chapter, gate, workflowUrl }) => ({
      ...status,
      title: chapter.title,
      expected: chapter.expected,
      gate: gate ?? null,
      uiUrl: workflowUrl,
    })),
    traffic,
    tookMs: Math.round(tookMs),
  };
}

/** What is left of it all: where to look and what to try while it stays up; once it is stopped, nothing to try. */
export function whatIsLeft(
  stays: boolean,
  {
    sluice,
    stack,
    env,
    mark,
  }: {
    readonly sluice: string;
    readonly stack: Left;
    readonly env: Environment;
    readonly mark: (command: string) => string;
  },
): string[] {
  if (!stays) return ["", "Its parts are stopped. Without --exit they stay up, to be looked at and tried."];
  return [
    ...(stack.uiUrl ? [`The four workflows: ${stack.uiUrl}`] : []),
    `The dashboard and HTTP server: ${stack.serverUrl} (its key: serverKey in .sluice/dev.json)`,
    "",
    "To try in a second terminal, in this folder:",
    ...commandsToTry(sluice, stack.databaseUrl, env).map((command) => `  ${mark(command)}`),
  ];
}

interface Left {
  readonly uiUrl: string;
  readonly serverUrl: string;
  readonly databaseUrl: string;
}

/** Three commands for a second terminal, with what must come first where its environment names other parts. */
export function commandsToTry(sluice: string, databaseUrl: string, env: Environment): string[] {
  const isSet = (pattern: RegExp) =>
    Object.entries(env).some(([name, text]) => pattern.test(name) && text?.trim());
  return [
    ...(isSet(/^DATABASE_URL_FILE$/) ? ["unset DATABASE_URL_FILE"] : []),
    ...(isSet(/^(DATABASE_URL|TEMPORAL_)/) ? [`export DATABASE_URL='${databaseUrl}'`] : []),
    `${sluice} audit ${PROMPT}`,
    `${sluice} resolve ${PROMPT} --unit user-1`,
    `${sluice} rollback ${PROMPT} --reason "trying the way back"`,
  ];
}

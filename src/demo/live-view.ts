import { counted } from "../domain/text/counted.ts";
import { stripVTControlCharacters } from "node:util";
import { renderStatus } from "../terminal/render-status.ts";
import { terminalLine } from "../terminal/terminal-text.ts";
import { figure, wrap } from "../terminal/text-layout.ts";
import type { Paint } from "../terminal/paint.ts";
import { CHAPTERS } from "./chapters.ts";
import { gateSentence } from "./scene-text.ts";
import type { Scene } from "./run-chapters.ts";
import type { TrafficCounts } from "./traffic.ts";
import type { DemoView } from "./view.ts";

/** A terminal that can be drawn on. */
export interface Terminal {
  write(text: string): void;
  /** Asked each time: it may be resized. */
  size(): { readonly columns: number; readonly rows: number };
  readonly color: boolean;
  readonly paint: Paint;
}

/** The story drawn in place: one block for the rollout that is on; those that have ended stay above it. */
export function liveView(terminal: Terminal): DemoView {
  let drawn: readonly string[] = [];

  function erase(): string {
    if (drawn.length === 0) return "";
    const { columns } = terminal.size();
    const rows = drawn.reduce((sum, line) => sum + rowsOf(line, columns), 0);
    return `\r\u001b[${rows}A\u001b[0J`;
  }

  function draw(lines: readonly string[], stays: boolean): void {
    const text = lines.map((line) => `${terminalLine(line, true)}\n`).join("");
    terminal.write(`${erase()}${text}`);
    drawn = stays ? [] : lines;
  }

  return {
    progress(line) {
      const block = drawn;
      draw([terminal.paint.dim(line)], true);
      if (block.length > 0) draw(block, false);
    },
    scene(scene, traffic) {
      const { columns, rows } = terminal.size();
      const ended = scene.status.outcome !== null;
      const lines = block(scene, traffic, columns, terminal);
      // What is higher than the window cannot be erased again.
      draw(ended ? lines : fitting(lines, columns, rows - 1), ended);
    },
    end() {
      drawn = [];
    },
  };
}

function block(
  scene: Scene,
  traffic: TrafficCounts | undefined,
  width: number,
  { color, paint }: Terminal,
): string[] {
  const gate = scene.status.outcome === "rejected" ? undefined : gateSentence(scene);
  const title = `${scene.number} of ${CHAPTERS.length}: ${scene.chapter.title}`;
  return [
    "",
    paint.bold(paint.inverse(` ${title} `)),
    ...renderStatus(scene.status, { width, color }),
    ...(gate === undefined ? [] : wrap(gate, width)),
    ...(traffic ? wrap(users(traffic), width).map(paint.dim) : []),
    ...(scene.workflowUrl ? [paint.underline(scene.workflowUrl)] : []),
  ];
}

function users({ users: total, errors, byVersion }: TrafficCounts): string {
  const served = Object.entries(byVersion).map(([version, count]) => `@${version} to ${figure(count)}`);
  return `${counted(total, "user")} so far, ${figure(errors)} with an error; served: ${served.join(", ")}`;
}

function rowsOf(line: string, columns: number): number {
  return Math.max(1, Math.ceil(stripVTControlCharacters(line).length / columns));
}

function fitting(lines: readonly string[], columns: number, rows: number): string[] {
  const kept: string[] = [];
  let used = 0;
  for (const line of lines) {
    used += rowsOf(line, columns);
    if (used > Math.max(rows, 3)) break;
    kept.push(line);
  }
  return kept;
}

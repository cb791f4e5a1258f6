import { readLocalMachine } from "../../../config.ts";
import { type FinishedDemo, runDemo } from "../../../demo/demo.ts";
import { whatIsLeft, endingJson, endingTable } from "../../../demo/ending.ts";
import { liveView } from "../../../demo/live-view.ts";
import { plainView } from "../../../demo/plain-view.ts";
import { endedAsExpected } from "../../../demo/scene-text.ts";
import type { DemoView } from "../../../demo/view.ts";
import { orHangUp, untilAborted } from "../../../local/processes/stop-request.ts";
import type { Given } from "../../parsing/given.ts";
import type { CommandContext } from "../../context.ts";
import { EXIT } from "../../../terminal/exit-codes.ts";
import { Interrupted } from "../../../terminal/interruption.ts";
import type { Output } from "../../../terminal/output.ts";
import { ownName } from "../../own-name.ts";

/** 0 only when every rollout ended as its chapter expects. */
export async function run(context: CommandContext, given: Given<"demo">): Promise<number> {
  context.endsItself();
  const { output, cwd } = context;
  const machine = readLocalMachine();
  const signal = orHangUp(context.signal, machine.environment);
  const started = performance.now();
  let exitCode: number | undefined;
  try {
    await runDemo({
      directory: cwd,
      machine,
      view: viewOn(output),
      signal,
      async onFinished(demo) {
        exitCode = demo.scenes.every(endedAsExpected) ? EXIT.yes : EXIT.no;
        printEnding(output, demo, { cwd, stays: !given.flag("exit"), tookMs: performance.now() - started });
        if (given.flag("exit")) return;
        output.note("");
        output.note("All of it stays up until Ctrl-C; users keep coming, fewer of them.");
        await untilAborted(signal);
      },
    });
  } catch (error) {
    if (!signal.aborted) throw error;
  }
  if (exitCode === undefined)
    throw new Interrupted("interrupted before every chapter had ended; its parts are stopped", signal);
  return exitCode;
}

function viewOn(output: Output): DemoView {
  if (output.json) return plainView((line) => output.progress(line));
  if (!output.live) return plainView((line) => output.lines([line]));
  return liveView({
    write: (text) => output.raw(text),
    size: () => ({ columns: output.width, rows: process.stdout.rows || 24 }),
    color: output.color,
    paint: output.paint,
  });
}

function printEnding(
  output: Output,
  { scenes, traffic, stack }: FinishedDemo,
  { cwd, stays, tookMs }: { readonly cwd: string; readonly stays: boolean; readonly tookMs: number },
): void {
  const { paint, width } = output;
  output.result(endingJson(scenes, traffic, tookMs), () => [
    "",
    ...endingTable(scenes, width),
    "",
    `${scenes.every(endedAsExpected) ? paint.green("It went as expected.") : paint.red("It did not go as expected: see above.")} ${Math.round(tookMs / 1000)} s in all.`,
    ...whatIsLeft(stays, {
      sluice: ownName(cwd),
      stack,
      env: readLocalMachine().environment,
      mark: paint.cyan,
    }),
  ]);
}

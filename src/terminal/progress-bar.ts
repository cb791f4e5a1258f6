import { counted } from "../domain/text/counted.ts";
import type { EvaluationProgress } from "../evaluation/evaluate.ts";
import type { Output } from "./output.ts";
import { span } from "./text-layout.ts";

const BAR = 24;
const REDRAW_MS = 100;

/** How far an evaluation is, on stderr: one line drawn again on a terminal, a line a tenth otherwise. */
export class ProgressBar {
  readonly #output: Pick<Output, "progress" | "drawProgress">;
  readonly #name: string;
  readonly #began = Date.now();
  #drawnAt = 0;
  #tenth = 0;

  constructor(output: Pick<Output, "progress" | "drawProgress">, name: string) {
    this.#output = output;
    this.#name = name;
  }

  show({ done, total, errors, costUsd }: Omit<EvaluationProgress, "result">): void {
    const now = Date.now();
    const left = done === 0 ? 0 : ((now - this.#began) / done) * (total - done);
    const facts = [
      `${done} of ${total}`,
      ...(errors > 0 ? [counted(errors, "error")] : []),
      ...(costUsd === null ? [] : [`$${costUsd.toFixed(4)}`]),
      ...(done < total && left > 1000 ? [`${span(left)} left`] : []),
    ].join(", ");
    const filled = Math.round((BAR * done) / total);
    const line = `${"#".repeat(filled)}${"-".repeat(BAR - filled)} ${facts}`;
    if (done < total && now - this.#drawnAt < REDRAW_MS) return;
    this.#drawnAt = now;
    if (this.#output.drawProgress(line)) return;
    const tenth = Math.floor((10 * done) / total);
    if (tenth === this.#tenth) return;
    this.#tenth = tenth;
    this.#output.progress(`${this.#name}: ${facts}`);
  }

  /** Takes the line off the terminal. */
  end(): void {
    this.#output.drawProgress("");
  }
}

import type { PlannerAnswer, PlannerRequest } from "./planner-messages.ts";

/** The one thing that a page of ours loads by a name that it has put together itself. */
interface ScriptNames {
  createScriptURL(path: string): unknown;
}
interface TrustedTypes {
  createPolicy(name: string, rules: { createScriptURL(path: string): string }): ScriptNames;
}

const PLANNER = /^\/assets\/planner-[\w-]+\.js$/;

/** Computes beside the page, so that nothing on it stands still; asked for as soon as something is to be computed. */
export class Planner {
  readonly #told: (answer: PlannerAnswer) => void;
  #worker: Worker | undefined;
  #asked = 0;

  constructor(told: (answer: PlannerAnswer) => void) {
    this.#told = told;
  }

  /** Gives the number that answers carry. A newer request of the same kind ends an older one. */
  ask(request: PlannerRequest): number {
    this.#worker ??= this.#start();
    const id = ++this.#asked;
    this.#worker.postMessage({ id, request });
    return id;
  }

  /** Ends whatever is being computed. */
  stop(): void {
    this.#worker?.terminate();
    this.#worker = undefined;
  }

  #start(): Worker {
    const worker = new Worker(scriptName() as string, { type: "module" });
    worker.addEventListener("message", ({ data }: MessageEvent<PlannerAnswer>) => this.#told(data));
    return worker;
  }
}

let names: ScriptNames | undefined;

/** The planner's file, as the page names it; the page's policy lets nothing else be loaded as a script. */
function scriptName(): unknown {
  const path = document.documentElement.dataset["planner"] ?? "";
  const { trustedTypes } = globalThis as { trustedTypes?: TrustedTypes };
  if (!trustedTypes) return path;
  names ??= trustedTypes.createPolicy("sluice", {
    createScriptURL(asked) {
      if (PLANNER.test(asked)) return asked;
      throw new TypeError(`${asked} is no script of these pages`);
    },
  });
  return names.createScriptURL(path);
}

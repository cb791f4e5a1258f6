import { spawn } from "node:child_process";
import { once } from "node:events";
import path from "node:path";
import { setTimeout as delay } from "node:timers/promises";

export const PROMPT = "support";

export interface CallerOrder {
  readonly n: number;
  readonly order: "call" | "health";
}

/** What a call came to, and when, in ms since 1970; or the state of the endpoint. */
export interface CallerAnswer {
  readonly n: number;
  readonly said: string;
  readonly at?: number;
}

/** A process that calls models by a store: another one than that of the test. */
export interface CallerProcess {
  /** `ok`, or the kind of the failure. */
  call(): Promise<CallerAnswer & { readonly at: number }>;
  /** Waits until it holds this of the endpoint, without a call. */
  until(state: "closed" | "half_open" | "open"): Promise<void>;
  kill(): Promise<void>;
}

const LOOK_MS = 50;

export async function startCaller(source: string, modelUrl: string): Promise<CallerProcess> {
  const script = path.join(import.meta.dirname, "caller-process.ts");
  const child = spawn(process.execPath, [script, source, modelUrl], {
    stdio: ["ignore", "ignore", "inherit", "ipc"],
  });
  const [said] = await Promise.race([once(child, "message"), once(child, "exit")]);
  if (said !== "ready") throw new Error(`the caller ended with ${said}`);
  const waiting = new Map<number, (answer: CallerAnswer) => void>();
  child.on("message", (answer: CallerAnswer) => {
    waiting.get(answer.n)?.(answer);
    waiting.delete(answer.n);
  });
  let asked = 0;
  const ask = (order: CallerOrder["order"]) =>
    new Promise<CallerAnswer>((resolve) => {
      const n = ++asked;
      waiting.set(n, resolve);
      child.send({ n, order } satisfies CallerOrder);
    });
  return {
    call: () => ask("call") as Promise<CallerAnswer & { readonly at: number }>,
    async until(state) {
      while ((await ask("health")).said !== state) await delay(LOOK_MS);
    },
    async kill() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill("SIGKILL");
      await once(child, "exit");
    },
  };
}

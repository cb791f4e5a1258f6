import type { Fault } from "./behaviour.ts";
import type { ModelReply, ModelRequest } from "./model-request.ts";

/** One request as it was answered: the server's own account of what went on. */
export interface LoggedRequest {
  /** Counted from 1 since the start, or since the log was cleared. */
  readonly n: number;
  readonly at: string;
  readonly path: string;
  readonly model: string;
  /** Which attempt at this very request: 2 and above are retries or repeats. */
  readonly attempt: number;
  readonly system: string;
  /** The last user message. */
  readonly user: string;
  readonly rule: ModelReply["rule"];
  /** What was said; absent when the attempt failed. */
  readonly answer: string | undefined;
  readonly fault: Fault | undefined;
  readonly usage: ModelReply["usage"];
  readonly ms: number;
}

interface Answered {
  readonly path: string;
  readonly model: string;
  readonly attempt: number;
  readonly asked: ModelRequest;
  readonly reply: ModelReply;
  readonly fault: Fault | undefined;
  readonly ms: number;
}

const MOST = 10_000;

export class RequestLog {
  #entries: LoggedRequest[] = [];
  #n = 0;

  add({ path, model, attempt, asked, reply, fault, ms }: Answered): void {
    this.#entries.push({
      n: ++this.#n,
      at: new Date().toISOString(),
      path,
      model,
      attempt,
      system: asked.system,
      user: asked.turns.findLast((turn) => turn.role === "user")?.text ?? "",
      rule: reply.rule,
      answer: fault ? undefined : reply.text || JSON.stringify(reply.toolCalls),
      fault,
      usage: reply.usage,
      ms: Math.round(ms),
    });
    if (this.#entries.length > MOST) this.#entries = this.#entries.slice(-MOST / 2);
  }

  entries(): readonly LoggedRequest[] {
    return [...this.#entries];
  }

  clear(): void {
    this.#entries = [];
    this.#n = 0;
  }
}

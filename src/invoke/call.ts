import type { Budget } from "../providers/budget.ts";
import type { Completion, ToolCall } from "../providers/completion.ts";
import type { Providers } from "../providers/create-providers.ts";
import type { RenderedMessage } from "../templates/rendered-message.ts";
import type { CallAccount } from "./call-account.ts";
import type { CallClock } from "./call-clock.ts";
import type { CallLimits } from "./call-limits.ts";
import type { InvokeEvent } from "./invocation.ts";
import type { StreamRequest } from "./invoke-request.ts";
import type { InvokeFailureKind } from "./failure.ts";
import type { Target } from "./targets.ts";

/** One invocation under way. */
export interface Call {
  readonly providers: Providers;
  readonly budget: Budget | undefined;
  readonly request: StreamRequest;
  readonly limits: CallLimits;
  readonly clock: CallClock;
  readonly account: CallAccount;
  /** The version's own model first. */
  targets: readonly Target[];
  /** Which of them answers now. */
  at: number;
  /** What has been said so far. */
  readonly messages: RenderedMessage[];
  readonly telling: Telling;
}

/** A model's answer, and the value in it where the version asks for a form. */
export interface Answered {
  readonly target: Target;
  readonly completion: Omit<Completion, "attempts">;
  readonly output: unknown;
}

/** An answer as a message of what has been said. */
export function saidByModel(content: string, calls: readonly ToolCall[]): RenderedMessage {
  const toolCalls = calls.map(({ id, name, arguments: given }) => ({
    id,
    type: "function" as const,
    function: { name, arguments: given },
  }));
  return { role: "assistant", content, ...(toolCalls.length > 0 && { tool_calls: toolCalls }) };
}

/** Tells a stream's reader what comes, and knows what cannot be taken back. */
export class Telling {
  /** Undefined where nobody reads along. */
  readonly #tell: ((event: InvokeEvent) => void) | undefined;
  readonly #restarts: boolean;
  #target: string | undefined;
  /** The text that was told of the answer that is coming. */
  told = "";

  constructor(tell: ((event: InvokeEvent) => void) | undefined, restarts: boolean) {
    this.#tell = tell;
    this.#restarts = restarts;
  }

  /** A model is asked: what it says is told from its beginning. */
  start(target: string): void {
    this.told = "";
    if (this.#target !== target) this.#tell?.({ type: "start", target });
    this.#target = target;
  }

  get isStream(): boolean {
    return this.#tell !== undefined;
  }

  event(event: InvokeEvent): void {
    this.#tell?.(event);
  }

  text(text: string): void {
    this.told += text;
    this.#tell?.({ type: "text", text });
  }

  /** Whether another attempt may be made: nothing has been told of this one, or its reader can take it back. */
  mayBeginAgain(reason: InvokeFailureKind): boolean {
    if (this.told === "") return true;
    if (!this.#restarts) return false;
    this.told = "";
    this.#tell?.({ type: "restart", reason });
    return true;
  }
}

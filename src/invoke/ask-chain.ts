import type { CallFailureKind } from "../providers/failure-kinds.ts";
import { askModel } from "./ask-model.ts";
import type { Answered, Call } from "./call.ts";
import { type InvokeFailureKind, kindOf } from "./failure.ts";
import type { Target } from "./targets.ts";

/** Failures that another model would not be spared, or that a person should decide about. */
const STAYS: ReadonlySet<InvokeFailureKind> = new Set<CallFailureKind | "tool">([
  "request",
  "address",
  "redirect",
  "too_long",
  "too_large",
  "content_blocked",
  "budget",
  "no_price",
  "cancelled",
  "tool",
]);

/** Whether it is a failure that another model, or an answer of before, may stand in for. */
export function mayPass(kind: InvokeFailureKind): boolean {
  return !STAYS.has(kind) && kind !== "closed" && kind !== "unresolved";
}

/** The answer of the first model that has one, from the one that answered before. */
export async function askChain(call: Call): Promise<Answered> {
  for (; ; call.at++) {
    const target = call.targets[call.at]!;
    call.telling.start(target.name);
    try {
      return await answerOf(call, target);
    } catch (error) {
      call.clock.check();
      const kind = kindOf(error);
      const isLast = call.at + 1 === call.targets.length;
      if (isLast || kind === undefined || STAYS.has(kind) || !call.telling.mayBeginAgain(kind)) throw error;
    }
  }
}

async function answerOf(call: Call, target: Target): Promise<Answered> {
  const completion = await askModel(call, target, call.messages, call.telling.isStream);
  const { output_schema: schema } = target.artifact;
  if (!schema || completion.toolCalls.length > 0 || completion.refused)
    return { target, completion, output: undefined };
  const { fitted } = await import("./structured-output.ts");
  return fitted(call, { target, completion, schema });
}

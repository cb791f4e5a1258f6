import type { Invocation } from "../invocation.ts";
import type { InvokeRequest } from "../invoke-request.ts";

/** What a workflow asks for: what {@link InvokeRequest} has, as far as history can hold it. */
export type ModelInvokeRequest = Omit<InvokeRequest, "id" | "signal" | "tools">;

/** An answer, as history holds it. */
export interface ModelInvocation extends Omit<Invocation, "output" | "prompt" | "record" | "attempts"> {
  /** Of a version with an `output_schema`, the value that fits it; null for others and for a refusal. */
  readonly output: unknown;
  /** Which version answered. `pin: token` has later activities of the workflow stay with it. */
  readonly prompt: {
    readonly name: string;
    readonly version: number | null;
    readonly label: string;
    readonly arm: string;
    readonly token: string;
  };
}

export function modelInvocation({
  prompt,
  record: _,
  attempts: __,
  output = null,
  ...facts
}: Invocation): ModelInvocation {
  const { version, label, arm, token } = prompt;
  return { ...facts, output, prompt: { name: prompt.prompt, version, label, arm, token } };
}

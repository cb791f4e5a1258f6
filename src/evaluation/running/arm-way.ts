import type { ModelApi } from "../grading/assertions/model-target.ts";
import type { Script } from "../sandbox/run-script.ts";

/** How a version is asked, and its answer read, beyond its artifact. */
export interface ArmWay {
  readonly api?: ModelApi | undefined;
  /** JavaScript that turns its answers into what all assertions check, before a case's own transform. */
  readonly transform?: Script | undefined;
  /** JavaScript that its prompt uses as filters, by name. */
  readonly filters?: Readonly<Record<string, Script>> | undefined;
  /** Milliseconds to wait after each call. */
  readonly delayMs?: number | undefined;
}

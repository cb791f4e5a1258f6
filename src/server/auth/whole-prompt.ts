import { SluiceError } from "../../domain/errors.ts";
import type { Caller } from "../route.ts";

/** Refuses a key for some labels or tenants: what is done is done to a prompt under all of them. */
export function assertWholePrompt({ grants: { labels, tenants } }: Caller, prompt: string): void {
  if (labels === undefined && tenants === undefined) return;
  throw new SluiceError(
    "forbidden",
    "a prompt is that of all its labels and tenants, and this key is for some of them",
    { prompt },
  );
}

import type { Check, ExaminedPart } from "../domain/shapes/examination.ts";

/** How what was looked at is said, for one part. */
export function checksOf(part: ExaminedPart) {
  const check =
    (state: Check["state"]) =>
    (name: string, said: string, todo: string | null = null): Check => ({ part, name, state, said, todo });
  return { ok: check("ok"), note: check("note"), todo: check("todo"), down: check("down") };
}

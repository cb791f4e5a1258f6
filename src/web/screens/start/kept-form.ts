import { useEffect, useState } from "preact/hooks";
import type { RulesForm } from "./rules-form.ts";

const keptAs = (prompt: string) => `sluice.rules.${prompt}`;

function readKept(prompt: string): RulesForm | undefined {
  try {
    return (JSON.parse(sessionStorage.getItem(keptAs(prompt)) ?? "null") as RulesForm | null) ?? undefined;
  } catch {
    return undefined;
  }
}

/** Rules that somebody has changed, and not started by yet: they are still there after a reload. */
export function useKeptForm(
  prompt: string,
): readonly [RulesForm | undefined, (form: RulesForm | undefined) => void] {
  const [form, setForm] = useState(() => readKept(prompt));
  useEffect(() => {
    if (form === undefined) sessionStorage.removeItem(keptAs(prompt));
    else sessionStorage.setItem(keptAs(prompt), JSON.stringify(form));
  }, [prompt, form]);
  return [form, setForm];
}

import { assertPromptName } from "../../domain/names.ts";
import { listPointers, type ListedPointer } from "../../storage/read/pointer-list.ts";
import { requirePrompt } from "../../storage/read/version.ts";
import type { CommandArguments } from "../command-arguments.ts";
import type { CommandContext } from "../context.ts";
import { reading } from "../store.ts";
import { columns, figure } from "../text-layout.ts";

export async function run(context: CommandContext, given: CommandArguments): Promise<void> {
  const { output } = context;
  const name = given.optional(0);
  const prompt = name === undefined ? undefined : assertPromptName(name);
  const pointers = await reading(context, async (db) => {
    if (prompt !== undefined) await requirePrompt(db, prompt);
    return listPointers(db, prompt);
  });
  output.result(pointers, () =>
    pointers.length === 0
      ? [
          "nothing is served yet; start a rollout (sluice rollout start NAME@N), or set one: sluice pointers set",
        ]
      : columns(
          [
            { head: "prompt" },
            { head: "label" },
            ...(pointers.some(({ model }) => model) ? [{ head: "model" }] : []),
            ...(pointers.some(({ tenant }) => tenant) ? [{ head: "tenant" }] : []),
            { head: "serves" },
            { head: "also" },
            { head: "revision", align: "right" },
          ],
          pointers.map((one) => [
            one.prompt ?? "(any)",
            one.label,
            ...(pointers.some(({ model }) => model) ? [one.model ?? ""] : []),
            ...(pointers.some(({ tenant }) => tenant) ? [one.tenant ?? ""] : []),
            one.active ?? "(inherits)",
            alsoServed(one),
            String(one.revision),
          ]),
          output.width,
        ),
  );
}

function alsoServed({ mode, candidate, previous, share, leaseMs, rolloutId }: ListedPointer): string {
  const lapsed = leaseMs === 0 ? " (lease has run out: not served)" : "";
  if (mode === "canary") return `${candidate} to ${figure(share)} %${lapsed}`;
  if (mode === "holdback") return `${previous ?? "inherited"} to ${figure(share)} %, held back${lapsed}`;
  return rolloutId === null ? "" : "a rollout is under way";
}

import type { PointerAct, PromptAct, PromptPointer } from "../../domain/shapes/overview.ts";
import type { Rights } from "../../domain/shapes/rights.ts";
import { assertWholePrompt } from "../auth/whole-prompt.ts";
import { archivePrompt } from "../routes/archiving.ts";
import { startRollout } from "../routes/controls.ts";
import { setLabel } from "../routes/labels.ts";
import { rollBackScope } from "../routes/pointers.ts";
import { pushVersion } from "../routes/versions.ts";
import { type Asking, asRight, notNow, rightTo } from "./rights.ts";

/** What somebody may do with a prompt, where it matters under a label. */
export async function promptRights(
  { prompt, archived }: { readonly prompt: string; readonly archived: boolean },
  label: string,
  asking: Asking,
): Promise<Rights<PromptAct>> {
  const whole = { prompt, use: "change" } as const;
  // What all tenants share: somebody who is for one alone starts there.
  const place = { prompt, label, use: "change" } as const;
  const isAway = notNow("the prompt is archived: take it out again first");
  const start = { ...asking, onProtected: "release_protected" } as const;
  const archive = await rightTo(archivePrompt, whole, asking);
  return {
    edit: archived ? isAway : await rightTo(pushVersion, whole, asking),
    archive: archive.allowed
      ? await asRight(asking.caller, async () => assertWholePrompt(asking.caller, prompt))
      : archive,
    ask: archived ? isAway : await rightTo(startRollout, place, asking),
    start: archived ? isAway : await rightTo(startRollout, place, start),
  };
}

/** What somebody may do with what a scope of a prompt serves. */
export async function pointerRights(
  { label, tenant, previous, active }: Pick<PromptPointer, "label" | "tenant" | "previous" | "active">,
  prompt: string,
  asking: Asking,
): Promise<Rights<PointerAct>> {
  const place = { prompt, label, tenant: tenant ?? "", use: "change" } as const;
  return {
    rollBack:
      previous === null || previous === active
        ? notNow("nothing else was live here before")
        : await rightTo(rollBackScope, place, asking),
    move: await rightTo(setLabel, place, asking),
  };
}

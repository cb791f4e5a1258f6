import { invalidInput } from "../../../domain/errors.ts";
import { assertLabel, assertPromptName } from "../../../domain/names.ts";
import { describePlace, normaliseModel } from "../../../domain/scope.ts";
import type { ListedPointer } from "../../../domain/shapes/pointers.ts";
import type { Given } from "../../parsing/given.ts";
import type { CommandContext } from "../../context.ts";
import { withSluice } from "../../store.ts";
import type { Until } from "./reached.ts";
import { startAndFollow } from "./rollout-start.ts";

export async function run(context: CommandContext, given: Given<"promote">): Promise<number> {
  const prompt = assertPromptName(given.required(0));
  const [from, to] = [assertLabel(given.requiredText("from")), assertLabel(given.requiredText("to"))];
  if (from === to) throw invalidInput(`--from and --to are both ${from}: name two labels`);
  const { model, tenant } = { model: given.text("model"), tenant: given.text("tenant") };
  const place = { label: from, model: model ? normaliseModel(model) : null, tenant: tenant ?? null };
  return withSluice(context, async (sluice) => {
    const version = liveAt(await sluice.pointers(prompt), prompt, place);
    return startAndFollow(
      context,
      sluice,
      {
        version,
        label: to,
        model,
        tenant,
        policyFile: given.text("policy"),
        again: given.flag("again"),
        replace: given.flag("replace"),
      },
      given.text("wait") as Until | undefined,
    );
  });
}

/** What a scope's own pointer serves; where a tenant or a model has none, what the label serves of all. */
function liveAt(
  pointers: readonly ListedPointer[],
  prompt: string,
  place: Pick<ListedPointer, "label" | "model" | "tenant">,
): string {
  const at = ({ model, tenant }: Pick<ListedPointer, "model" | "tenant">) =>
    pointers.find(
      (one) =>
        one.prompt === prompt && one.label === place.label && one.model === model && one.tenant === tenant,
    )?.active;
  const live = at(place) ?? at({ model: null, tenant: null });
  if (live) return live;
  throw invalidInput(
    `nothing of ${prompt} is live at ${describePlace(place)}; see: sluice pointers ${prompt}`,
    { prompt, label: place.label },
  );
}

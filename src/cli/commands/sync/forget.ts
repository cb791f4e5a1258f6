import type { Sluice } from "../../../client/sluice.ts";
import { invalidInput, notFound } from "../../../domain/errors.ts";
import { counted } from "../../../domain/text/counted.ts";
import type { CommandContext } from "../../context.ts";
import type { Given } from "../../parsing/given.ts";
import { withSluice } from "../../store.ts";

export async function run(context: CommandContext, given: Given<"sync forget">): Promise<void> {
  const prompts = given.rest(0);
  const named = given.text("repository");
  if (prompts.length === 0 && named === undefined)
    throw invalidInput("name the prompts, or the whole repository: --repository github.com/acme/prompts");
  const done = await withSluice(context, async (sluice) =>
    sluice.forgetManifest({
      repository: named ?? (await repositoryOf(sluice, prompts)),
      prompts,
      reason: given.requiredText("reason"),
    }),
  );
  context.output.result(done, () => [
    done.whole
      ? `${done.repository} decides no more: ${counted(done.prompts.length, "prompt")}`
      : `${done.repository} decides no more on ${done.prompts.join(", ")}`,
    "what is served stays as it is; a later commit that has the files brings them back",
  ]);
}

async function repositoryOf(sluice: Pick<Sluice, "manifests">, names: readonly string[]): Promise<string> {
  const manifests = await sluice.manifests();
  const found = names.map((name) => {
    const of = manifests.find(({ prompts }) => prompts.some(({ prompt }) => prompt === name));
    if (of) return of.repository;
    throw notFound(`no published commit has ${name}: no repository decides on it`, { prompt: name });
  });
  const [first, ...more] = new Set(found);
  if (more.length > 0)
    throw invalidInput(
      `these are of several repositories (${[first, ...more].join(", ")}): name one at a time`,
    );
  return first!;
}

import { setTimeout as delay } from "node:timers/promises";
import { notFound } from "../../../domain/errors.ts";
import { type ListedDelivery, MOST_MANIFEST_PROMPTS } from "../../../domain/shapes/delivering.ts";
import { readCommitPlace, wholeCommit } from "../../../gitops/checkout.ts";
import { openRepository } from "../../../gitops/open-repository.ts";
import { saidPlace } from "../../../gitops/said-step.ts";
import { EXIT } from "../../../terminal/exit-codes.ts";
import { interruptExitCode, interruptOf } from "../../../terminal/interruption.ts";
import type { Output } from "../../../terminal/output.ts";
import { wrap } from "../../../terminal/text-layout.ts";
import type { CommandContext } from "../../context.ts";
import type { Given } from "../../parsing/given.ts";
import { deliveryNews } from "./delivery-news.ts";
import { withRepositoryStore } from "./repository-store.ts";

const LOOK_MS = 2_000;

export async function run(context: CommandContext, given: Given<"sync status">): Promise<number> {
  const { output, cwd, signal } = context;
  const repository = await openRepository(cwd, given.text("file"));
  return withRepositoryStore(context, repository, async (sluice) => {
    const manifests = await sluice.manifests();
    const { repository: name } = await readCommitPlace(repository.folder);
    const published = manifests.find((one) => one.repository === name);
    const asked = given.text("commit");
    const commit = asked === undefined ? published?.commit : await wholeCommit(repository.folder, asked);
    if (commit === undefined)
      throw notFound(`no commit of ${name} was applied yet: sluice sync apply`, { repository: name });
    const look = () => sluice.deliveries({ repository: name, commit, limit: MOST_MANIFEST_PROMPTS });
    let found = await look();
    if (given.flag("watch")) {
      context.endsItself();
      const news = deliveryNews((line) => output.progress(line));
      while (found.some(({ endedAt }) => endedAt === null) && !signal.aborted) {
        news(found);
        await delay(LOOK_MS, undefined, { signal }).catch(() => undefined);
        if (!signal.aborted) found = await look();
      }
    }
    output.result({ repository: name, commit, deliveries: found }, () => statusLines(commit, found, output));
    const interrupt = interruptOf(signal);
    if (interrupt !== undefined) return interruptExitCode(interrupt);
    if (found.some(({ state }) => state === "refused")) return EXIT.no;
    return found.some(({ state }) => state === "stopped") ? EXIT.conflict : EXIT.yes;
  });
}

function statusLines(
  commit: string,
  deliveries: readonly ListedDelivery[],
  { paint, width }: Pick<Output, "paint" | "width">,
): string[] {
  const head = paint.dim(`commit ${commit.slice(0, 12)}`);
  if (deliveries.length === 0)
    return [head, "nothing is on its way: what the commit says was live everywhere, or was not started"];
  return [
    head,
    ...deliveries.flatMap(({ version, state, reason, wakesAt, environments }) => [
      ...wrap(
        `${version}: ${state.replaceAll("_", " ")}: ${reason}${wakesAt === null ? "" : ` (until ${wakesAt})`}`,
        width,
      ).map(paint.bold),
      ...environments.flatMap((environment) =>
        wrap(
          `${saidPlace(environment)}: ${environment.step}${environment.live === null ? "" : `, ${environment.live} is live`}`,
          width - 2,
        ).map((line) => `  ${line}`),
      ),
    ]),
  ];
}

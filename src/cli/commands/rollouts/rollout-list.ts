import type { Given } from "../../parsing/given.ts";
import type { CommandContext } from "../../context.ts";
import { withSluice } from "../../store.ts";
import { clock, columns, figure } from "../../../terminal/text-layout.ts";

export async function run(context: CommandContext, given: Given<"rollout list">): Promise<void> {
  const { output } = context;
  const prompt = given.optional(0);
  const limit = given.integer("limit", { min: 1, max: 10_000 })!;
  const running = given.flag("running");
  const rollouts = await withSluice(context, (sluice) => sluice.rollouts({ prompt, running, limit }));
  output.result(rollouts, () =>
    rollouts.length === 0
      ? [
          running
            ? "no rollout is running"
            : "there has been no rollout yet; start one: sluice rollout start NAME@N",
        ]
      : columns(
          [
            { head: "started" },
            { head: "candidate" },
            { head: "baseline" },
            { head: "scope" },
            { head: "state" },
          ],
          rollouts.map((one) => [
            clock(one.startedAt),
            one.candidate,
            one.baseline ?? "-",
            [one.label, one.model && `model=${one.model}`, one.tenant && `tenant=${one.tenant}`]
              .filter(Boolean)
              .join(" "),
            one.outcome?.replaceAll("_", " ") ??
              `${one.phase.replaceAll("_", " ")}${one.share > 0 ? ` ${figure(one.share)} %` : ""}${one.paused ? " (paused)" : ""}`,
          ]),
          output.width,
        ),
  );
}

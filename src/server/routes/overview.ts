import { DEFAULT_LABEL } from "../../domain/scope.ts";
import { assertPlace, noSuchPrompt } from "../auth/authorise.ts";
import { reportOverview } from "../../use-cases/report-overview.ts";
import { reportPrompt } from "../../use-cases/report-prompt.ts";
import { overviewAnswer, overviewQuery } from "../contract/overview.ts";
import { pointerRights, promptRights } from "../rights/prompt-rights.ts";
import type { Asking } from "../rights/rights.ts";
import { rolloutRights } from "../rights/rollout-rights.ts";
import { accountOf } from "../auth/account-of.ts";
import type { Parts } from "../parts.ts";
import { answer, type Caller, defineRoute } from "../route.ts";
import { lettersSeen } from "./dead-letters.ts";
import { named } from "./versions.ts";

export const getOverview = defineRoute({
  method: "GET",
  path: "/v1/overview",
  summary: "What happens now, and what is wanted of whoever asks",
  about:
    "With `?prompt=` all that is to be said of one prompt, with what may be done to it (`can`); there `label` says under which label a rollout would be started.",
  allow: { permission: "read", places: "filtered" },
  limit: "read",
  query: overviewQuery,
  answers: { 200: overviewAnswer },
  async run({ query: { prompt, label }, caller, parts }) {
    const found =
      prompt === undefined
        ? await homeOf(caller, parts, label)
        : await promptOf(prompt, label ?? DEFAULT_LABEL, { caller, parts });
    return answer(200, found as never);
  },
});

async function homeOf(caller: Caller, parts: Parts, label: string | undefined) {
  return reportOverview(parts.db, {
    seen: caller.grants,
    label,
    account: accountOf(caller),
    deadLetters: await lettersSeen(caller, parts),
    async mayDecide(rollout) {
      const { approve, reject } = await rolloutRights(rollout, { caller, parts });
      return approve.allowed || reject.allowed;
    },
  });
}

async function promptOf(prompt: string, label: string, asking: Asking) {
  const { caller, parts } = asking;
  assertPlace(caller, { prompt, use: "read" });
  const found = await reportPrompt(parts.db, prompt, caller.grants);
  if (!found) throw noSuchPrompt(prompt);
  const pointers = await Promise.all(
    found.pointers.map(async (one) => ({ ...one, can: await pointerRights(one, prompt, asking) })),
  );
  const newest = found.newest && named(found.newest);
  return { ...found, newest, pointers, can: await promptRights(found, label, asking) };
}

import type { ServingRoute } from "../route.ts";
import { healthz } from "../routes/alive.ts";
import { langfuseIsWell, listLangfuseProjects } from "../routes/langfuse-checks.ts";
import { getMe } from "../routes/me.ts";
import { getPrompt, renderVersion, resolvePrompt } from "../routes/prompts.ts";
import {
  exchangeCircuits,
  readPointers,
  readSpentBudgets,
  readVersion,
  reportCallers,
  reportServing,
  stream,
} from "../routes/resolver.ts";
import type { LangfuseRows } from "./langfuse-rows.ts";
import { getLangfusePromptHere } from "./routes/langfuse.ts";
import { langfuseIntakeHere } from "./routes/langfuse-intake.ts";
import { recordOutcomesHere } from "./routes/outcomes.ts";
import { readyHere } from "./routes/ready.ts";
import type { Forwarding } from "./sending/forwarding.ts";

interface RelayRouteParts {
  readonly forwarding: Forwarding;
  readonly rows: LangfuseRows;
  readonly state: Parameters<typeof readyHere>[0];
}

/** All that a relay answers: what serves, by the server's own routes, and what takes reports, by its own. */
export function relayRoutes({ forwarding, rows, state }: RelayRouteParts): readonly ServingRoute[] {
  return [
    healthz,
    readyHere(state),
    readPointers,
    readVersion,
    reportServing,
    exchangeCircuits,
    readSpentBudgets,
    reportCallers,
    stream,
    getPrompt,
    resolvePrompt,
    renderVersion,
    recordOutcomesHere(forwarding),
    getMe,
    getLangfusePromptHere(rows),
    listLangfuseProjects,
    langfuseIsWell,
    ...langfuseIntakeHere(forwarding),
  ];
}

import { SDK_VERSION } from "../../resolver/sdk-version.ts";
import { DECISION_CODE_VERSIONS } from "../../use-cases/change-decision-rules.ts";
import { stateOfStore } from "../../storage/read/state-of-store.ts";
import { aboutServer } from "../contract/about.ts";
import type { Parts } from "../parts.ts";
import { answer, defineRoute } from "../route.ts";

/** How long a page waits to be told of Temporal. */
const LONGEST_MS = 2_000;

export const getAbout = defineRoute({
  method: "GET",
  path: "/v1/about",
  summary: "What this server is made of, and how each part does",
  allow: { permission: "read", places: "filtered" },
  limit: "read",
  answers: { 200: aboutServer },
  async run({ caller, parts }) {
    const { db, streams, maxEvaluationUsd, playgroundUsd } = parts;
    const [store, temporal] = await Promise.all([stateOfStore(db, caller.grants), temporalOf(parts)]);
    const { version, schema, services, canaries, unattended } = store;
    return answer(200, {
      version: SDK_VERSION,
      decisionRules: [...DECISION_CODE_VERSIONS].toSorted(),
      postgres: { version, schema },
      temporal,
      canaries: { open: canaries, unattended },
      services,
      streams: streams.size,
      maxEvaluationUsd,
      playgroundUsd,
    });
  },
});

async function temporalOf({ rollouts }: Parts): Promise<"reached" | "not reached"> {
  const late = new Promise<"not reached">((settle) =>
    setTimeout(settle, LONGEST_MS, "not reached" as const).unref(),
  );
  const reached = rollouts.use(() => Promise.resolve("reached" as const)).catch(() => "not reached" as const);
  return Promise.race([reached, late]);
}

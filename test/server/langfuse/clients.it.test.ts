import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { pythonWith } from "../../support/python-packages.ts";
import { armsOfServed, openLangfuseCanary, PROMPT, type LangfuseCanary } from "./support/langfuse-canary.ts";
import { runPythonService } from "./support/python-service.ts";

/** All of them take minutes to get: `npm run prove -- langfuse-clients` runs this file with LANGFUSE_CLIENTS=all. */
const isProof = process.env["LANGFUSE_CLIENTS"] === "all";
const NEWEST = "5.0.4";
const PYTHON = isProof ? [NEWEST, "4.18.0", "3.15.0", "2.60.10"] : [NEWEST];
const INSTALLED_WITHIN_MS = isProof ? 900_000 : 120_000;
const USERS = Array.from({ length: 24 }, (_, i) => `python-${i}`);

let canary: LangfuseCanary;
beforeEach(async () => {
  canary = await openLangfuseCanary({ langfuseHoldMs: 600_000 });
});
afterEach(() => canary.close());

describe("Langfuse's client for Python", { timeout: isProof ? 1_200_000 : 180_000 }, () => {
  it.for(PYTHON)(
    "%s takes part in a canary: each user in their arm, with a score each",
    async (version, { skip }) => {
      const found = await pythonWith(
        `langfuse-python-${version}`,
        [`langfuse==${version}`],
        INSTALLED_WITHIN_MS,
      );
      if ("missing" in found && !isProof) return skip(`no Python with langfuse: ${found.missing}`);
      if ("missing" in found) throw new Error(`langfuse ${version} cannot be had: ${found.missing}`);
      const key = await canary.bench.key();
      const job = { prompt: PROMPT, users: USERS, scores: { 1: 3, 2: 5 } };
      const served = await runPythonService(found.python, canary.bench.server.url, key, job);
      const arms = armsOfServed(served);
      expect(Object.keys(arms).length).toBeGreaterThan(4);
      expect(await canary.arms()).toEqual(arms);
      const joined = await canary.outcomes("rollout_id = $1 and status = 'joined'", [canary.rollout]);
      const ratings = joined.filter(({ metrics }) => "rating" in metrics);
      const byUnit = Object.fromEntries(ratings.map(({ unit, metrics }) => [unit, metrics["rating"]]));
      const scores = Object.entries(arms).map(([unit, arm]) => [unit, arm === "candidate" ? 5 : 3]);
      expect(byUnit).toEqual(Object.fromEntries(scores));
      expect(ratings).toHaveLength(scores.length);
      expect(joined).toHaveLength(2 * ratings.length);
      expect(await canary.intake(key)).toEqual({ generation: USERS.length, score: USERS.length });
    },
  );
});

import { SluiceError } from "../../domain/errors.ts";
import { examine } from "../../doctor/examine.ts";
import { SDK_VERSION } from "../../resolver/sdk-version.ts";
import { examination } from "../contract/examination.ts";
import { answer, defineRoute } from "../route.ts";

export const getExamination = defineRoute({
  method: "GET",
  path: "/v1/examination",
  summary: "Is everything set up? What is not, and what to do about it",
  about:
    "As `sluice doctor` where this server runs: Postgres, Temporal, workers, schedules, the models of live versions, what runs. Of the whole installation, so for an admin's key without limits.",
  allow: { permission: "administer", places: "filtered" },
  limit: "heavy",
  answers: { 200: examination },
  async run({ caller: { grants }, parts, signal }) {
    const { db, databaseUrl, listenUrl, rollouts, models } = parts;
    if (grants.labels ?? grants.prompts ?? grants.tenants)
      throw new SluiceError("forbidden", "this is of the whole installation: it takes a key without limits");
    return answer(
      200,
      await examine({
        db,
        url: databaseUrl,
        listenUrl,
        version: SDK_VERSION,
        readTemporal: () => rollouts.use(({ facts }) => facts()),
        readProviders: models,
        signal,
      }),
    );
  },
});

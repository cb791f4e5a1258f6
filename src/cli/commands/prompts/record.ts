import { counted } from "../../../domain/text/counted.ts";
import { invalidInput, messageOf, unavailable } from "../../../domain/errors.ts";
import { createResolver } from "../../../resolver/index.ts";
import { outcomeRow } from "../../../resolver/recording/outcome.ts";
import { HttpSource } from "../../../resolver/sources/http.ts";
import { PostgresSource } from "../../../resolver/sources/postgres.ts";
import type { Source } from "../../../resolver/sources/source.ts";
import { metricValueProblem } from "../../../domain/rollout/metric-value.ts";
import { unitDigest } from "../../../digest.ts";
import type { Given } from "../../parsing/given.ts";
import type { CommandContext } from "../../context.ts";
import { sourceAddress, withSluice } from "../../store.ts";
import { storeError } from "../../../storage/store-error.ts";
import { shown } from "../../../domain/text/visible.ts";

/**
 * Records what a service would: that the unit has met this version (its exposure, where it is in an arm
 * that serves it), and what came of it.
 */
export async function run(context: CommandContext, given: Given<"record">): Promise<void> {
  const { output } = context;
  const reference = given.version(0);
  const scope = given.scope(reference.prompt);
  const unit = given.requiredText("unit");
  const outcome = { metrics: metricsOf(given.list("metric")), feedback: given.text("feedback") };
  if (Object.keys(outcome.metrics).length === 0 && !outcome.feedback)
    throw invalidInput("nothing to record: give --metric name=number, or --feedback TEXT");
  const version = await withSluice(context, (sluice) => sluice.show(given.required(0)));

  const { source, explained } = await sourceOf(context);
  const resolver = await createResolver({ source, onWarning: () => undefined, fleet: false });
  try {
    const request = { prompt: scope.prompt, label: scope.label, unit };
    const served = await resolver.resolve({
      ...request,
      ...(scope.model && { model: scope.model }),
      ...(scope.tenant && { tenant: scope.tenant }),
    });
    const enrolled =
      served.versionId === version.versionId && served.arm !== "unenrolled" && served.rolloutId !== null;
    const digest = unitDigest(scope.tenant, unit);
    const row = outcomeRow(
      {
        versionId: version.versionId,
        rolloutId: enrolled ? served.rolloutId : null,
        unit: digest,
        label: scope.label,
        model: scope.model,
        tenant: scope.tenant,
      },
      outcome,
      ({ message }) => {
        throw invalidInput(message);
      },
    );
    const exposures = enrolled
      ? [{ rollout: served.rolloutId, unit: digest, arm: served.arm, epoch: served.epoch }]
      : [];
    const receipt = await source
      .record(`{"exposures":${JSON.stringify(exposures)},"outcomes":[${row}]}`)
      .catch((error: unknown) => {
        throw explained(error);
      });
    const result = {
      version: `${version.prompt}@${version.version}`,
      unit,
      arm: enrolled ? served.arm : "unenrolled",
      rolloutId: enrolled ? served.rolloutId : null,
      recorded: receipt.outcomes > 0,
      counted: receipt.joined,
      late: receipt.late,
    };
    output.result(result, () => [
      enrolled
        ? `recorded for ${result.version}, arm ${result.arm}: ${counted(receipt.joined, "metric")} counted by the rollout${receipt.late > 0 ? `, ${receipt.late} too late or not part of its policy` : ""}`
        : `recorded for ${result.version}; no rollout counts it${served.version === version.version ? "" : ` (${unit} is served ${served.version === null ? "the fallback" : `${served.prompt}@${served.version}`} now)`}`,
    ]);
  } finally {
    await resolver.close();
  }
}

/** Where outcomes go, and what goes wrong with that as one clear line. */
async function sourceOf({
  config,
}: CommandContext): Promise<{ source: Source; explained: (error: unknown) => unknown }> {
  const address = await sourceAddress(config);
  if (!config.server)
    return { source: new PostgresSource(address), explained: (error) => storeError(address, error) };
  const source = new HttpSource(address);
  return { source, explained: (error) => unavailable(`it is not recorded: ${messageOf(error)}`, {}, error) };
}

function metricsOf(pairs: readonly string[]): Record<string, number> {
  const metrics: Record<string, number> = {};
  for (const pair of pairs) {
    const at = pair.indexOf("=");
    const name = pair.slice(0, at).trim();
    const text = pair.slice(at + 1).trim();
    const value = text === "true" ? 1 : text === "false" ? 0 : Number(text);
    if (at < 1 || text === "" || !Number.isFinite(value))
      throw invalidInput(`--metric ${shown(pair)}: write name=number, for example rating=5`, { given: pair });
    const problem = metricValueProblem(name, value);
    if (problem) throw invalidInput(`--metric ${shown(pair)}: ${problem}`, { given: pair });
    metrics[name] = value;
  }
  return metrics;
}

import type { LangfuseGrants } from "../../../domain/shapes/keys.ts";
import { fieldsOf } from "../../telemetry/span.ts";
import { OWN_UNIT, unitOf, type ClientReport, type SeenGeneration } from "./report.ts";
import { isId, readScore } from "./score.ts";
import { tokenCounts, totalCost } from "./usage.ts";

export interface IngestionEvent {
  readonly id?: string | undefined;
  readonly type: string;
  readonly body: unknown;
}

/** What a batch of events says: scores, and the tracing of clients that know no OpenTelemetry. */
export function reportOfEvents(
  events: readonly IngestionEvent[],
  { unit: mark, scores: categories }: LangfuseGrants = {},
): ClientReport {
  const units: { trace: string; unit: string }[] = [];
  const generations = new Map<string, SeenGeneration>();
  const scores: ClientReport["scores"][number][] = [];
  const refused: Record<string, number> = {};
  const refuse = (what: string) => void (refused[what] = (refused[what] ?? 0) + 1);
  for (const { id, type, body } of events) {
    const fields = fieldsOf(body);
    if (type === "score-create") {
      const score = readScore(fields, isId(fields["id"]) ? fields["id"] : id, categories);
      if (typeof score === "string") refuse(score);
      else scores.push(score);
    } else if (type === "trace-create" && isId(fields["id"])) {
      const unit = unitOf(marksOf(fields), fields["id"], mark);
      if (unit !== undefined) units.push({ trace: fields["id"], unit });
    } else if (type === "generation-create" || type === "generation-update") {
      const { id: observation, traceId: trace } = fields;
      if (!isId(observation) || !isId(trace)) refuse("unreadable");
      else {
        const piece = pieceOf(fields, trace, observation, type === "generation-create");
        generations.set(observation, merged(generations.get(observation), piece));
      }
    }
  }
  return { units, generations: [...generations.values()], scores, refused };
}

function marksOf({ userId, sessionId, metadata }: Readonly<Record<string, unknown>>) {
  const text = (value: unknown) =>
    typeof value === "string" || typeof value === "number" ? String(value) : undefined;
  return { user: text(userId), session: text(sessionId), own: text(fieldsOf(metadata)[OWN_UNIT]) };
}

function pieceOf(
  fields: Readonly<Record<string, unknown>>,
  trace: string,
  observation: string,
  isFirst: boolean,
): SeenGeneration {
  const { promptName, promptVersion, startTime, endTime, completionStartTime, level } = fields;
  const startedMs = dateOf(startTime);
  const firstMs = dateOf(completionStartTime);
  const cost =
    totalCost(fields["costDetails"]) ?? totalCost({ total: fieldsOf(fields["usage"])["totalCost"] });
  const unit = marksOf({ metadata: fields["metadata"] }).own;
  return {
    trace,
    observation,
    ...(typeof promptName === "string" &&
      Number.isSafeInteger(promptVersion) && {
        prompt: { name: promptName, version: promptVersion as number },
      }),
    ...(unit !== undefined && { unit }),
    ...(startedMs !== undefined && { startedMs }),
    ...(dateOf(endTime) !== undefined && { endedMs: dateOf(endTime) }),
    metrics: {
      ...tokenCounts({ ...fieldsOf(fields["usage"]), ...fieldsOf(fields["usageDetails"]) }),
      ...(firstMs !== undefined &&
        startedMs !== undefined &&
        firstMs >= startedMs && { time_to_first_token_ms: firstMs - startedMs }),
      ...(cost !== undefined && { cost_usd: cost }),
      ...((isFirst || level !== undefined) && { error: level === "ERROR" }),
    },
  };
}

function merged(before: SeenGeneration | undefined, piece: SeenGeneration): SeenGeneration {
  if (!before) return piece;
  return { ...before, ...piece, metrics: { ...before.metrics, ...piece.metrics } };
}

function dateOf(given: unknown): number | undefined {
  const ms = typeof given === "string" ? Date.parse(given) : Number.NaN;
  return ms > 0 && ms < 2 ** 48 ? ms : undefined;
}

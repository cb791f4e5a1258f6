import type { UnitMark } from "../../../domain/shapes/keys.ts";
import type { AttributeValue, Span } from "../../telemetry/span.ts";
import { tokenCounts, totalCost } from "./usage.ts";
import { OWN_UNIT, unitOf, type ClientReport, type SeenGeneration, type SeenPrompt } from "./report.ts";

/** What spans say: those of prompts are generations, and any of them may say whose the trace is. */
export function reportOfSpans(spans: readonly Span[], mark?: UnitMark): ClientReport {
  const units: { trace: string; unit: string }[] = [];
  const generations: SeenGeneration[] = [];
  for (const span of spans) {
    const { trace, attributes } = span;
    const unit = unitOf(
      {
        user: text(attributes, "user.id", "langfuse.user.id"),
        session: text(attributes, "session.id", "langfuse.session.id"),
        own: text(
          attributes,
          `langfuse.observation.metadata.${OWN_UNIT}`,
          `langfuse.trace.metadata.${OWN_UNIT}`,
        ),
      },
      trace,
      mark,
    );
    if (unit !== undefined) units.push({ trace, unit });
    const prompt = promptOf(attributes);
    if (prompt) generations.push({ ...generationOf(span), prompt, ...(unit !== undefined && { unit }) });
  }
  return { units, generations, scores: [], refused: {} };
}

function promptOf(attributes: Span["attributes"]): SeenPrompt | undefined {
  const token = attributes.get("sluice.prompt.token");
  if (typeof token === "string") return { token };
  for (const prefix of ["langfuse.observation.prompt", "langfuse.prompt", "gen_ai.prompt"]) {
    const name = attributes.get(`${prefix}.name`);
    const version = Number(attributes.get(`${prefix}.version`));
    if (typeof name === "string" && Number.isSafeInteger(version)) return { name, version };
  }
  return undefined;
}

function generationOf({ trace, id, startedMs, endedMs, isError, attributes }: Span): SeenGeneration {
  const firstMs = dateOf(attributes.get("langfuse.observation.completion_start_time"));
  const counts = tokenCounts({
    input: attributes.get("gen_ai.usage.input_tokens"),
    output: attributes.get("gen_ai.usage.output_tokens"),
    ...jsonOf(attributes.get("langfuse.observation.usage_details")),
  });
  const cost = totalCost(jsonOf(attributes.get("langfuse.observation.cost_details")));
  return {
    trace,
    observation: id,
    startedMs,
    endedMs,
    metrics: {
      ...counts,
      ...(firstMs !== undefined && firstMs >= startedMs && { time_to_first_token_ms: firstMs - startedMs }),
      ...(cost !== undefined && { cost_usd: cost }),
      error: isError || attributes.get("langfuse.observation.level") === "ERROR",
    },
  };
}

/** The first of these that is there. */
function text(attributes: Span["attributes"], ...names: readonly string[]): string | undefined {
  for (const name of names) {
    const value = attributes.get(name);
    if (value !== undefined && value !== "") return String(value);
  }
  return undefined;
}

function jsonOf(value: AttributeValue | undefined): Record<string, unknown> {
  try {
    const parsed: unknown = typeof value === "string" ? JSON.parse(value) : undefined;
    return typeof parsed === "object" && parsed !== null ? (parsed as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}

/** A time, which the clients put into quotation marks. */
function dateOf(value: AttributeValue | undefined): number | undefined {
  const ms = typeof value === "string" ? Date.parse(value.replaceAll('"', "")) : Number.NaN;
  return Number.isFinite(ms) ? ms : undefined;
}

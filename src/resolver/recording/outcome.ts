import { messageOf } from "../../domain/errors.ts";
import type { OutcomeRecord } from "../sources/source.ts";
import { timeOrderedId } from "./time-ordered-id.ts";

/** What came of a resolution. */
export interface Outcome {
  /** Numbers by metric name, in the units the policy's metrics are in; `true` counts as 1, `false` as 0. */
  readonly metrics?: Readonly<Record<string, number | boolean>>;
  readonly feedback?: string | undefined;
  /** Only what the service chooses to keep, for example its variables and the answer. Must have a JSON form. */
  readonly sample?: unknown;
  /** What the vendor's answer says has answered (its `model`), as in gpt-5.4-mini-2026-03-17. */
  readonly answeredBy?: string | undefined;
  /** A UUID of the caller's own: recorded once however often, from however many processes. */
  readonly id?: string | undefined;
}

/** What an outcome is about: a served version, and the unit that it was served to. */
export interface OutcomeSubject {
  readonly versionId: string;
  readonly rolloutId: string | null;
  /** Digest of tenant and unit; null without a unit. */
  readonly unit: string | null;
  readonly label: string;
  readonly model: string;
  readonly tenant: string;
}

export interface OutcomeProblem {
  readonly code: "refused_metric" | "refused_sample" | "refused_outcome";
  readonly message: string;
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
const MAX_METRIC_NAME = 128;
const MAX_METRICS = 100;
const MAX_FEEDBACK = 20_000;
const MAX_ANSWERED_BY = 128;
const MAX_SAMPLE_JSON = 256_000;

/**
 * The row of an outcome, as JSON text so that nothing the caller changes later is sent. What cannot be
 * stored is left out and said; undefined when nothing is left.
 */
export function outcomeRow(
  subject: OutcomeSubject,
  outcome: Outcome,
  report: (problem: OutcomeProblem) => void,
): string | undefined {
  if (typeof outcome !== "object" || outcome === null) {
    report({
      code: "refused_outcome",
      message: "an outcome is an object such as { metrics: { rating: 5 } }",
    });
    return undefined;
  }
  if (outcome.id !== undefined && !(typeof outcome.id === "string" && UUID.test(outcome.id))) {
    report({ code: "refused_outcome", message: `an outcome's id must be a UUID, not ${shown(outcome.id)}` });
    return undefined;
  }
  const metrics = goodMetrics(outcome.metrics ?? {}, report);
  const feedback = goodFeedback(outcome.feedback, report);
  const sample = goodSample(outcome.sample, report);
  const answered = goodName(outcome.answeredBy, report);
  const given = Object.keys(metrics).length > 0 || feedback !== undefined || sample !== undefined;
  if (!given && Object.keys(outcome).some((key) => key !== "id")) return undefined;
  const row: Omit<OutcomeRecord, "sample"> = {
    id: outcome.id?.toLowerCase() ?? timeOrderedId(),
    version: subject.versionId,
    rollout: subject.rolloutId,
    unit: subject.unit,
    label: subject.label,
    model: subject.model,
    tenant: subject.tenant,
    metrics,
    ...(feedback !== undefined && { feedback }),
    ...(answered !== undefined && { answered }),
  };
  const text = storable(JSON.stringify(row), row);
  return sample === undefined ? text : `${text.slice(0, -1)},"sample":${sample}}`;
}

function goodMetrics(
  given: unknown,
  report: (problem: OutcomeProblem) => void,
): Record<string, number | boolean> {
  const good = Object.create(null) as Record<string, number | boolean>;
  if (typeof given !== "object" || given === null || Array.isArray(given)) {
    report({ code: "refused_metric", message: `metrics must be an object of numbers, not ${shown(given)}` });
    return good;
  }
  let count = 0;
  for (const [name, value] of Object.entries(given)) {
    if (value === undefined || value === null) continue;
    if (name === "" || name.length > MAX_METRIC_NAME)
      report({ code: "refused_metric", message: `a metric's name has 1 to ${MAX_METRIC_NAME} characters` });
    else if (typeof value === "boolean" || (typeof value === "number" && Number.isFinite(value))) {
      if (++count <= MAX_METRICS) good[name] = value;
      else report({ code: "refused_metric", message: `an outcome has at most ${MAX_METRICS} metrics` });
    } else
      report({
        code: "refused_metric",
        message: `metric "${name}" must be a finite number, not ${shown(value)}`,
      });
  }
  return good;
}

function goodFeedback(given: unknown, report: (problem: OutcomeProblem) => void): string | undefined {
  if (given === undefined || given === null || given === "") return undefined;
  if (typeof given === "string") return given.slice(0, MAX_FEEDBACK);
  report({ code: "refused_outcome", message: `feedback must be text, not ${shown(given)}` });
  return undefined;
}

function goodName(given: unknown, report: (problem: OutcomeProblem) => void): string | undefined {
  if (given === undefined || given === null || given === "") return undefined;
  if (typeof given === "string") return given.slice(0, MAX_ANSWERED_BY);
  report({ code: "refused_outcome", message: `answeredBy must be text, not ${shown(given)}` });
  return undefined;
}

function goodSample(given: unknown, report: (problem: OutcomeProblem) => void): string | undefined {
  if (given === undefined) return undefined;
  try {
    const text = JSON.stringify(given) as string | undefined;
    if (text === undefined) throw new Error("it has no JSON form");
    if (text.length > MAX_SAMPLE_JSON)
      throw new Error(`it is longer than ${MAX_SAMPLE_JSON} characters of JSON`);
    return storable(text, JSON.parse(text));
  } catch (error) {
    const why = messageOf(error).split("\n", 1)[0];
    report({ code: "refused_sample", message: `the sample was not kept: ${why}` });
    return undefined;
  }
}

/** Postgres refuses NUL and half surrogate pairs in jsonb; JSON.stringify writes both as escapes. */
const REFUSED_ESCAPE = /\\u(?:0000|d[89a-f][0-9a-f]{2})/i;

/** The JSON text of a value, with U+FFFD for what Postgres cannot hold. */
function storable(text: string, value: unknown): string {
  if (!REFUSED_ESCAPE.test(text)) return text;
  return JSON.stringify(value, (_, part: unknown) =>
    typeof part === "string" ? clean(part) : cleanKeys(part),
  );
}

function clean(text: string): string {
  return text.toWellFormed().replaceAll("\0", "\uFFFD");
}

function cleanKeys(part: unknown): unknown {
  if (typeof part !== "object" || part === null || Array.isArray(part)) return part;
  return Object.fromEntries(Object.entries(part).map(([key, value]) => [clean(key), value]));
}

function shown(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(value.length > 40 ? `${value.slice(0, 40)}…` : value);
  if (typeof value === "number" || typeof value === "boolean" || value === null) return String(value);
  return Array.isArray(value) ? "a list" : `a value of type ${typeof value}`;
}

import {
  ingestionAnswer,
  ingestionBody,
  scoresBody,
  scoresTaken,
  scoreTaken,
} from "../../contract/langfuse-intake.ts";
import { traces, tracesTaken } from "../../contract/telemetry.ts";
import { idOfScore, readEvent } from "../../langfuse/intake/events.ts";
import { answer, answerText, defineServing, type ServingRoute } from "../../route.ts";
import { PROTOBUF, spansOfProtobuf } from "../../telemetry/otlp.ts";
import { fieldsOf } from "../../telemetry/span.ts";
import type { Forwarding } from "../sending/forwarding.ts";
import type { Report } from "../sending/report.ts";

const allow = { permission: "record", places: "filtered" } as const;
const SENT_BYTES = 8 << 20;
const INFLATED_BYTES = 32 << 20;

/** What Langfuse's clients and OpenTelemetry's exporters report. It is answered as the server would once it is kept. */
export function langfuseIntakeHere(forwarding: Forwarding): readonly ServingRoute[] {
  return [
    ingest(forwarding),
    score(forwarding),
    takeTracesAt("/api/public/otel/v1/traces", forwarding),
    takeTracesAt("/v1/otlp/v1/traces", forwarding),
  ];
}

function json(path: string, body: unknown): Omit<Report, "grants"> {
  return { path, type: "application/json", body: JSON.stringify(body), isBinary: false };
}

function ingest(forwarding: Forwarding): ServingRoute {
  const path = "/api/public/ingestion";
  return defineServing({
    method: "POST",
    path,
    summary: "Scores, and traces of older clients of Langfuse, kept until the server has them",
    allow,
    limit: "intake",
    bodyLimit: 5 << 20,
    body: ingestionBody,
    answers: { 207: ingestionAnswer },
    idempotency: "natural",
    async run({ body, caller: { grants } }) {
      await forwarding.keep({ ...json(path, { ...body, batch: body.batch.map(withId) }), grants });
      const successes = body.batch.map((event) => ({ id: readEvent(event).id ?? "", status: 201 as const }));
      return answer(207, { successes, errors: [] });
    },
  });
}

/** A score without an id is given one here: it may be sent more than once. */
function withId(event: unknown): unknown {
  const { type, body } = readEvent(event);
  if (type !== "score-create") return event;
  return { ...fieldsOf(event), body: { ...fieldsOf(body), id: idOfScore(body) } };
}

function score(forwarding: Forwarding): ServingRoute {
  const path = "/api/public/scores";
  return defineServing({
    method: "POST",
    path,
    summary: "Scores by Langfuse's clients, kept until the server has them",
    allow,
    limit: "intake",
    body: scoresBody,
    answers: { 200: scoreTaken, 202: scoresTaken },
    idempotency: "natural",
    async run({ body, caller: { grants } }) {
      const isList = Array.isArray(body);
      const scores = (isList ? body : [body]).map((one) => ({ ...fieldsOf(one), id: idOfScore(one) }));
      await forwarding.keep({ ...json(path, isList ? scores : scores[0]), grants });
      return isList ? answer(202, { message: "Accepted" as const }) : answer(200, { id: scores[0]!.id });
    },
  });
}

function takeTracesAt(path: string, forwarding: Forwarding): ServingRoute {
  return defineServing({
    method: "POST",
    path,
    summary: "Traces, for what came of prompts, kept until the server has them",
    allow,
    limit: "intake",
    bodyLimit: INFLATED_BYTES,
    sentLimit: SENT_BYTES,
    body: traces,
    takesProtobuf: true,
    givesText: PROTOBUF,
    answers: { 200: tracesTaken },
    idempotency: "natural",
    async run({ body, protobuf, caller: { grants } }) {
      if (!protobuf) {
        await forwarding.keep({ ...json(path, body), grants });
        return answer(200, {});
      }
      spansOfProtobuf(protobuf);
      const content = { type: PROTOBUF, body: protobuf.toString("base64"), isBinary: true };
      await forwarding.keep({ path, ...content, grants });
      return answerText(200, "", PROTOBUF);
    },
  });
}

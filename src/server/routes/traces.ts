import { traces, tracesTaken } from "../contract/telemetry.ts";
import { reportOfSpans } from "../langfuse/intake/span-report.ts";
import { answer, answerText, type AnyRoute, defineRoute } from "../route.ts";
import { PROTOBUF, spansOfJson, spansOfProtobuf } from "../telemetry/otlp.ts";

const SENT_BYTES = 8 << 20;
const INFLATED_BYTES = 32 << 20;

/** Traces at one of the addresses that exporters are given: all of it is answered with success, whatever is counted. */
function takesTraces(path: string, summary: string, about: string): AnyRoute {
  const isOfLangfuse = path.startsWith("/api/public/");
  return defineRoute({
    method: "POST",
    path,
    summary,
    about,
    allow: { permission: "record", places: "filtered" },
    limit: "intake",
    bodyLimit: INFLATED_BYTES,
    sentLimit: SENT_BYTES,
    body: traces,
    takesProtobuf: true,
    givesText: PROTOBUF,
    answers: { 200: tracesTaken },
    idempotency: "natural",
    async run({ body, protobuf, caller, parts }) {
      const { spans, refused } = protobuf ? spansOfProtobuf(protobuf) : spansOfJson(body);
      const report = reportOfSpans(spans, caller.grants.langfuse?.unit);
      await parts.langfuse.take(caller, { ...report, refused: { unreadable: refused } });
      if (isOfLangfuse) parts.forward?.pass(path, protobuf ?? body);
      return protobuf ? answerText(200, "", PROTOBUF) : answer(200, {});
    },
  });
}

export const takeLangfuseTraces = takesTraces(
  "/api/public/otel/v1/traces",
  "Traces of Langfuse's clients, for what came of prompts",
  "Spans that name a prompt are its outcomes: latency, tokens, cost, error. JSON or protobuf, gzipped or not. No text of a prompt or an answer is kept.",
);

export const takeTraces = takesTraces(
  "/v1/otlp/v1/traces",
  "Traces by OpenTelemetry's protocol, for what came of prompts",
  "Spans with the attribute `sluice.prompt.token` are outcomes of that resolution: latency, tokens, error. JSON or protobuf, gzipped or not. No text of a prompt or an answer is kept.",
);

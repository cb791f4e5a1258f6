import {
  ingestionAnswer,
  ingestionBody,
  scoresBody,
  scoresTaken,
  scoreTaken,
} from "../contract/langfuse-intake.ts";
import { idOfScore, readEvent } from "../langfuse/intake/events.ts";
import { reportOfEvents } from "../langfuse/intake/ingestion-report.ts";
import { answer, defineRoute } from "../route.ts";
import { fieldsOf } from "../telemetry/span.ts";

const allow = { permission: "record", places: "filtered" } as const;

export const ingestLangfuse = defineRoute({
  method: "POST",
  path: "/api/public/ingestion",
  summary: "Scores, and traces of older clients of Langfuse",
  about:
    "Every event is answered as taken; what is not counted is counted as that. Events of other kinds than scores, traces and generations are passed over.",
  allow,
  limit: "intake",
  bodyLimit: 5 << 20,
  body: ingestionBody,
  answers: { 207: ingestionAnswer },
  idempotency: "natural",
  fromBrowsers: true,
  async run({ body, caller, parts }) {
    const events = body.batch.map(readEvent);
    // Whoever knows no more than a key's id says nothing of generations.
    const taken = caller.isPublic ? events.filter(({ type }) => type === "score-create") : events;
    await parts.langfuse.take(caller, reportOfEvents(taken, caller.grants.langfuse));
    const isTaken = (event: unknown) => !caller.isPublic || readEvent(event).type === "score-create";
    parts.forward?.pass("/api/public/ingestion", { ...body, batch: body.batch.filter(isTaken) });
    const successes = events.map(({ id }) => ({ id: id ?? "", status: 201 as const }));
    return answer(207, { successes, errors: [] });
  },
});

export const scoreLangfuse = defineRoute({
  method: "POST",
  path: "/api/public/scores",
  summary: "Scores by Langfuse's clients, one or a list of them",
  allow,
  limit: "intake",
  body: scoresBody,
  answers: { 200: scoreTaken, 202: scoresTaken },
  idempotency: "natural",
  fromBrowsers: true,
  async run({ body, caller, parts }) {
    const isList = Array.isArray(body);
    const scores = (isList ? body : [body]).map((one) => ({ ...fieldsOf(one), id: idOfScore(one) }));
    const events = scores.map((score) => ({ type: "score-create", body: score }));
    await parts.langfuse.take(caller, reportOfEvents(events, caller.grants.langfuse));
    parts.forward?.pass("/api/public/scores", isList ? scores : scores[0]);
    return isList ? answer(202, { message: "Accepted" as const }) : answer(200, { id: scores[0]!.id });
  },
});

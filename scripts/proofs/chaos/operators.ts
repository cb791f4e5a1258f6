import { setTimeout as delay } from "node:timers/promises";
import { SluiceError } from "../../../src/domain/errors.ts";
import { findPointer } from "../../../src/storage/read/pointer.ts";
import { isConnectionError } from "../../../src/storage/store-failure.ts";
import { askDatabase } from "./ask-database.ts";
import { askServer } from "./ask-server.ts";
import { type Answered, type Desk, type Request, requestOf } from "./asking.ts";
import type { Operation, OperationKind } from "./history.ts";
import type { PlannedOperation } from "./plan-schedule.ts";

/** How often the same request is made again where no answer came. */
const TRIES = 6;
const BETWEEN_MS = 700;

/** What has no identity of its own in the database is asked once: the second time would be a second one. */
const ONCE_OVER_DATABASE: ReadonlySet<OperationKind> = new Set(["pause", "resume", "promote"]);
/** An approval is said by its name, and an abort by what it ends: neither has an id that its refusal could be known by. */
const UNNAMED_OVER_DATABASE: ReadonlySet<OperationKind> = new Set([
  ...ONCE_OVER_DATABASE,
  "abort",
  "approve",
]);

/** One operator: does what is planned, one thing after the other, until the signal. */
export async function operate(
  desk: Desk,
  planned: readonly PlannedOperation[],
  signal: AbortSignal,
): Promise<void> {
  for (const operation of planned) {
    await delay(operation.afterMs);
    if (signal.aborted) return;
    const expected = operation.kind === "set" ? await look(desk, operation) : 0;
    if (expected === undefined) continue;
    desk.operations.push(await carryOut(desk, requestOf(desk, operation, expected)));
  }
}

/** The pointer's revision, which is noted; undefined where nobody answers. */
async function look({ db, scopes, readings }: Desk, planned: PlannedOperation): Promise<number | undefined> {
  const scope = scopes[planned.scope]!;
  const startedAt = Date.now();
  const pointer = await findPointer(db, scope).catch(() => undefined);
  if (!pointer) return undefined;
  const { revision } = pointer;
  readings.push({ scope: scope.tenant, startedAt, endedAt: Date.now(), revision });
  return revision;
}

type Answer = Pick<Operation, "outcome" | "rolloutId" | "revision" | "message" | "unforeseen">;

async function carryOut(desk: Desk, request: Request): Promise<Operation> {
  const { tag, kind, door, expected, again } = request;
  const isNamed = door === "server" || !UNNAMED_OVER_DATABASE.has(kind);
  const tries = door === "database" && ONCE_OVER_DATABASE.has(kind) ? 1 : TRIES;
  const startedAt = Date.now();
  let answer = await asked(desk, request);
  for (let attempt = 2; attempt <= tries && answer.outcome === "unknown"; attempt++) {
    await delay(BETWEEN_MS);
    answer = await asked(desk, request);
    // The one before may have been done, and be why this one is refused, unless both are known to be one.
    if (answer.outcome === "refused" && !isNamed) {
      answer = { ...answer, outcome: "unknown" };
      break;
    }
  }
  // Over when it was answered, whatever is asked later: where nobody answered, it may still be done at any time.
  const endedAt = Date.now();
  const isAnswered = answer.outcome === "acknowledged";
  const otherwise = again && isNamed && isAnswered ? await differently(desk, request, answer) : undefined;
  const of = { tag, kind, door, scope: request.target.tenant, startedAt, endedAt };
  return { ...of, ...(kind === "set" && { expected }), ...answer, ...(otherwise && { otherwise }) };
}

/** How the same request is answered once more; undefined: as before, or not at all. */
async function differently(desk: Desk, request: Request, before: Answer): Promise<string | undefined> {
  const after = await asked(desk, request);
  if (after.outcome === "unknown") return undefined;
  const same =
    after.outcome === before.outcome &&
    after.revision === before.revision &&
    after.rolloutId === before.rolloutId;
  return same ? undefined : JSON.stringify({ before, after });
}

async function asked(desk: Desk, request: Request): Promise<Answer> {
  try {
    const ask = request.door === "server" ? askServer : askDatabase;
    const { rolloutId, revision }: Answered = await ask(desk, request);
    return { outcome: "acknowledged", rolloutId, revision };
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    if (error instanceof SluiceError) {
      const { revision } = error.details;
      return {
        outcome: error.code === "unavailable" ? "unknown" : "refused",
        message,
        ...(typeof revision === "number" && { revision }),
      };
    }
    // Judged by what it carries, not by the code that is on trial.
    const isOfTheStore = typeof (error as { code?: unknown }).code === "string" || isConnectionError(error);
    const isGivenUp = error instanceof Error && error.name === "AbortError";
    return { outcome: "unknown", message, ...(!isGivenUp && !isOfTheStore && { unforeseen: message }) };
  }
}

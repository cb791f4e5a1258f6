import * as v from "valibot";
import { SluiceError } from "../../domain/errors.ts";
import { assertMigrated } from "../../storage/migrator.ts";
import type { Parts } from "../parts.ts";
import { answer, defineRoute } from "../route.ts";

/** How long notifications may be missing before a server sends nobody here. */
const DEAF_MS = 5_000;
const QUERY_MS = 2_000;

const part = v.picklist(["up", "down"]);
const readiness = v.object({
  status: v.picklist(["ready", "not_ready"]),
  postgres: v.picklist(["up", "down", "not_migrated"]),
  notifications: part,
});

export const readyz = defineRoute({
  method: "GET",
  path: "/readyz",
  summary: "Postgres answers, is migrated, and its notifications are heard",
  allow: "anybody",
  limit: "free",
  answers: { 200: readiness, 503: readiness },
  async run({ parts }) {
    const postgres = await stateOf(parts);
    const notifications = parts.source.silentMs < DEAF_MS ? ("up" as const) : ("down" as const);
    const ready = postgres === "up" && notifications === "up" && !parts.closing.aborted;
    const body = { status: ready ? ("ready" as const) : ("not_ready" as const), postgres, notifications };
    return ready ? answer(200, body) : answer(503, body);
  },
});

async function stateOf({ db }: Parts): Promise<"up" | "down" | "not_migrated"> {
  const late = new Promise<"down">((settle) => setTimeout(settle, QUERY_MS, "down").unref());
  const answered = assertMigrated(db).then(
    () => "up" as const,
    (error: unknown) =>
      error instanceof SluiceError && error.code === "conflict"
        ? ("not_migrated" as const)
        : ("down" as const),
  );
  return Promise.race([answered, late]);
}

import { sql } from "kysely";
import type { Notification } from "../../domain/shapes/notification.ts";
import type { Database } from "../database.ts";

/** Taken at a time, by one worker. */
const MOST = 50;
/** Between two attempts: longer than a receiver is waited for, and at most five minutes. */
const LEAST_S = 30;
const MOST_S = 300;

export interface QueuedNotification {
  readonly id: string;
  readonly webhook: string;
  readonly secret: string | null;
  readonly event: Notification["event"];
  readonly prompt: string;
  readonly rollout_id: string | null;
  readonly content: Readonly<Record<string, unknown>>;
  readonly created_at: Date;
}

/** What is due, each given to one caller alone: the next attempt is due when this one has had its time. */
export async function claimNotifications(db: Database): Promise<QueuedNotification[]> {
  const { rows } = await sql<QueuedNotification>`
    update sluice.notifications n set attempts = attempts + 1, next_attempt_at = clock_timestamp()
      + least(${MOST_S}, ${LEAST_S} * power(2, least(attempts, 10))) * interval '1 second'
    from (
      select id, webhook from sluice.notifications where next_attempt_at <= clock_timestamp()
      order by next_attempt_at limit ${MOST} for update skip locked) due
    where n.id = due.id and n.webhook = due.webhook
    returning n.id, n.webhook, n.secret, n.event, n.prompt, n.rollout_id, n.content, n.created_at`.execute(
    db,
  );
  return rows;
}

/** It was taken, or nobody tries it any more. */
export async function dropNotification(
  db: Database,
  { id, webhook }: Pick<QueuedNotification, "id" | "webhook">,
): Promise<void> {
  await db.deleteFrom("notifications").where("id", "=", id).where("webhook", "=", webhook).execute();
}

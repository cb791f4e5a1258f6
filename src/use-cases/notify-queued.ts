import { messageOf } from "../domain/errors.ts";
import type { Notification } from "../domain/shapes/notification.ts";
import type { Database } from "../storage/database.ts";
import {
  claimNotifications,
  dropNotification,
  type QueuedNotification,
} from "../storage/write/claim-notifications.ts";
import type { Log } from "../telemetry/log-lines.ts";
import { type NotificationSettings, notifyWebhooks } from "./notify-webhooks.ts";

/** What nobody has taken for a day is news no more. */
const GIVES_UP_MS = 24 * 3_600_000;

export interface QueueOptions {
  readonly signal: AbortSignal;
  readonly log: Log;
  readonly notifications?: NotificationSettings | undefined;
}

/**
 * Tells webhooks what has been written down for them, all that is due at once: one that is slow or away holds no other
 * up, and is tried again for a day. Gives how many were taken.
 */
export async function notifyQueued(db: Database, options: QueueOptions): Promise<number> {
  const due = await claimNotifications(db);
  const taken = await Promise.all(due.map((queued) => notifyOne(db, queued, options)));
  return taken.filter(Boolean).length;
}

async function notifyOne(
  db: Database,
  queued: QueuedNotification,
  { signal, log, notifications }: QueueOptions,
): Promise<boolean> {
  const { id, event, webhook, secret, prompt, content } = queued;
  const told = { id, event, ...content } as unknown as Notification;
  const hook = { webhook, ...(secret !== null && { secret }) };
  try {
    await notifyWebhooks([hook], told, signal, notifications);
    await dropNotification(db, queued);
    return true;
  } catch (error) {
    if (signal.aborted) return false;
    const about = { prompt, ...(queued.rollout_id !== null && { rolloutId: queued.rollout_id }) };
    const isOver = Date.now() - queued.created_at.getTime() > GIVES_UP_MS;
    if (isOver) await dropNotification(db, queued);
    log(`${event} could not be told: ${messageOf(error)}${isOver ? "; it is not tried again" : ""}`, {
      level: isOver ? "error" : "warn",
      ...about,
    });
    return false;
  }
}

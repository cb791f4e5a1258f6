/** What webhooks can be told of, as a policy names it. */
export const NOTIFICATION_EVENTS = [
  "started",
  "waiting_for_approval",
  "advanced",
  "promoted",
  "ended",
  "pointer_moved",
  "drift",
  "dead_letters",
  "alert",
  "alert_resolved",
] as const;

export type NotificationEvent = (typeof NOTIFICATION_EVENTS)[number];

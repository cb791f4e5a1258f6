import type { Telling } from "../../../domain/plain/telling.ts";

const today = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit" });
const week = new Intl.DateTimeFormat("en-GB", { weekday: "short", hour: "2-digit", minute: "2-digit" });
const longAgo = new Intl.DateTimeFormat("en-GB", {
  day: "numeric",
  month: "short",
  hour: "2-digit",
  minute: "2-digit",
});
const WEEK_MS = 6 * 86_400_000;

/** How this reader's zone writes moments in sentences. */
export function tellingAt(now: Date): Telling {
  return {
    msUntil: (iso) => Date.parse(iso) - now.getTime(),
    time(iso) {
      const at = new Date(iso);
      if (at.toDateString() === now.toDateString()) return today.format(at);
      const isNear = Math.abs(at.getTime() - now.getTime()) < WEEK_MS;
      return (isNear ? week : longAgo).format(at).replace(",", "");
    },
  };
}

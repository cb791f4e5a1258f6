import { timeOrderedId } from "../../resolver/recording/time-ordered-id.ts";

const GIVEN = /^[A-Za-z0-9._-]{1,64}$/;

/** The caller's own id of a request where it is a harmless one, or else a new UUID, ordered by time. */
export function requestIdOf(given: string | readonly string[] | undefined): string {
  return typeof given === "string" && GIVEN.test(given) ? given : timeOrderedId();
}

import type { Principal } from "../access/principal.ts";

/** Somebody who has decided, pushed or started something. */
export interface Voice {
  /** By what it is known who they are; `login`: by the database's login alone, or by a name that was given. */
  readonly kind: Principal["kind"] | "login";
  readonly name: string;
  /** A person's address, where their issuer has verified it. */
  readonly email?: string | undefined;
}

/** Of what the database keeps with an approval or an entry of the audit log. */
export function voiceOf({
  principal,
  actor,
}: {
  readonly principal: Principal | null;
  readonly actor: string;
}): Voice {
  if (!principal) return { kind: "login", name: actor };
  const { kind, name, email } = principal;
  return { kind, name, ...(email !== undefined && { email }) };
}

/**
 * Whose approvals count, by name. A key's owner and a person who has signed in may be one human under two names, so of
 * those who have proven who they are, only those add up who have proven it in the same way: the most of any one way.
 * Logins add up with them, unless `proven` says that nobody counts who has proven nothing.
 */
export function countedVoices(
  approving: readonly Voice[],
  { proven, author, starter }: { proven: boolean; author?: Voice | undefined; starter?: Voice | undefined },
): string[] {
  const counting = approving.filter(
    (voice) => !(author && isOneOf(voice, author, proven)) && !(starter && isOneOf(voice, starter, proven)),
  );
  const named = (kind: Voice["kind"]) => [
    ...new Set(counting.filter((voice) => voice.kind === kind).map(({ name }) => name)),
  ];
  const most = (["key", "person", "proxy", "workload"] as const)
    .map(named)
    .reduce((best, names) => (names.length > best.length ? names : best), []);
  const counted = new Set(proven ? most : [...named("login"), ...most]);
  // In the order in which they were given.
  return [...new Set(counting.map(({ name }) => name))].filter((name) => counted.has(name));
}

/** Whether somebody counts as who has written or asked for it: with proof alone who may be them, else who is known to be. */
export function isOneOf(one: Voice, other: Voice, proven: boolean): boolean {
  return proven ? mayBeOne(one, other) : areKnownAsOne(one, other);
}

/**
 * Whether two are known to be one human: by one name, or by an address that an issuer has verified and that the other is
 * called by, as a key's owner may be. It only ever keeps an approval from counting, so whoever takes another's name or
 * address gains nothing.
 */
function areKnownAsOne(one: Voice, other: Voice): boolean {
  const called = ({ name, email }: Voice) => [name, email].flatMap((text) => text?.toLowerCase() ?? []);
  const names = called(other);
  return called(one).some((name) => names.includes(name));
}

/**
 * Whether two may be one human, as far as it was proven: a CI job is none, two names of a kind are two, and behind a
 * login may be anybody.
 */
export function mayBeOne(one: Voice, other: Voice): boolean {
  if (one.kind === other.kind) return one.name === other.name;
  if (one.kind === "login" || other.kind === "login") return true;
  return one.kind !== "workload" && other.kind !== "workload";
}

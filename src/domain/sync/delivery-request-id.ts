interface Place {
  readonly label: string;
  readonly model: string | null;
  readonly tenant: string | null;
}

interface Asked {
  readonly commit: string | null;
  /** `support-reply@8`. */
  readonly version: string;
  readonly place: Place;
  /** The rollout of this version that was tried there last. */
  readonly last: string | null;
}

/**
 * The request id of a rollout that a commit asks for: the same content for the same commit is one rollout, whoever asks
 * and how often. What was tried there before is part of it, or asking again would find what has ended.
 *
 * @param digest of a value's canonical JSON
 */
export function deliveryRequestId(
  { commit, version, place: { label, model, tenant }, last }: Asked,
  digest: (value: unknown) => string,
): string {
  return `sync-${digest([commit, version, label, model, tenant, last]).slice(0, 32)}`;
}

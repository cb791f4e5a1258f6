/** Where checkpoints of the audit log are kept. */
export interface CheckpointPlace {
  /** An absolute folder, or a web address that each is posted to. */
  readonly place: string;
  /** What posts are signed with. */
  readonly secret: string | undefined;
}

export function readCheckpointPlace(
  value: (name: string) => string | undefined,
  secret: (name: string) => string | undefined,
): CheckpointPlace | undefined {
  const place = value("SLUICE_AUDIT_CHECKPOINTS");
  const signing = secret("SLUICE_AUDIT_CHECKPOINTS_SECRET");
  return place === undefined ? undefined : { place, secret: signing };
}

import { type BucketLogin, readBucketLogin } from "../bucket-login.ts";

/** Where contents are kept that are too large for a row of the database. */
export interface ContentPlace {
  /** An absolute folder, or `s3://BUCKET/PREFIX?region=R`. */
  readonly place: string;
  /** What requests to a bucket are signed with. */
  readonly login?: BucketLogin | undefined;
}

export function readContentPlace(
  value: (name: string) => string | undefined,
  secret: (name: string) => string | undefined,
): ContentPlace | undefined {
  const place = value("SLUICE_CONTENTS");
  if (place === undefined) return undefined;
  return { place, login: place.startsWith("s3:") ? readBucketLogin(value, secret) : undefined };
}

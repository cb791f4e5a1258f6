/** What requests to a bucket are signed with. */
export interface BucketLogin {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  /** Of a login that ends by itself. */
  readonly sessionToken: string | undefined;
}

export function readBucketLogin(
  value: (name: string) => string | undefined,
  secret: (name: string) => string | undefined,
): BucketLogin | undefined {
  const accessKeyId = value("AWS_ACCESS_KEY_ID");
  const secretAccessKey = secret("AWS_SECRET_ACCESS_KEY");
  return accessKeyId === undefined || secretAccessKey === undefined
    ? undefined
    : { accessKeyId, secretAccessKey, sessionToken: secret("AWS_SESSION_TOKEN") };
}

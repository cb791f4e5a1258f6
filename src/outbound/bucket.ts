import { AwsV4Signer } from "aws4fetch";
import { digestText } from "../digest.ts";
import { invalidInput, type SluiceError, unavailable } from "../domain/errors.ts";
import type { BucketLogin } from "./bucket-login.ts";
import type { PermittedAddresses } from "./permitted-addresses.ts";
import { type OutboundAnswer, sendPermitted } from "./permitted-request.ts";

/** What a store answers that has encrypted with a named key. */
const ENCRYPTED_BY = "x-amz-server-side-encryption-aws-kms-key-id";
const PARAMETERS = new Set(["region", "endpoint", "kms-key"]);
const HOW =
  "s3://BUCKET/PREFIX?region=R, with &endpoint=https://HOST for another store than AWS, and &kms-key=ID";

/** A bucket of Amazon S3, or of a store with its interface. */
export interface Bucket {
  /** Everything before the prefix. */
  readonly base: string;
  /** Empty, or with a stroke at its end. */
  readonly prefix: string;
  readonly region: string;
  readonly kmsKey: string | null;
}

/** Reads `s3://BUCKET/PREFIX?region=R`; `invalid_input` names the variable that it stands in. */
export function readBucket(place: string, variable: string): Bucket {
  const url = URL.parse(place);
  const refuse = (problem: string) => invalidInput(`${variable} ${problem}; write it as ${HOW}`);
  if (!url || !/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(url.hostname)) throw refuse("names no bucket");
  if (url.username !== "" || url.password !== "")
    throw refuse("has a login in it, which belongs into AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY");
  for (const name of url.searchParams.keys()) if (!PARAMETERS.has(name)) throw refuse(`has ${name}`);
  const region = url.searchParams.get("region");
  if (region === null || !/^[a-z0-9-]{1,40}$/.test(region)) throw refuse("has no region");
  const prefix = url.pathname.replace(/^\/+/, "").replace(/(?<=[^/])$/, "/");
  const endpoint = url.searchParams.get("endpoint");
  const kmsKey = url.searchParams.get("kms-key");
  if (endpoint === null)
    return { base: `https://${url.hostname}.s3.${region}.amazonaws.com`, prefix, region, kmsKey };
  const at = URL.parse(endpoint);
  if (!at || !/^https?:$/.test(at.protocol) || at.search !== "")
    throw refuse("has an endpoint that is no web address");
  return { base: `${at.origin}${at.pathname.replace(/\/+$/, "")}/${url.hostname}`, prefix, region, kmsKey };
}

/** The login, or `invalid_input` that says which one is missing. */
export function requireLogin(login: BucketLogin | undefined, variable: string, may: string): BucketLogin {
  if (login) return login;
  throw invalidInput(
    `${variable} names a bucket; set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, of a login that may ${may} there`,
  );
}

export interface BucketRequest {
  readonly bucket: Bucket;
  readonly login: BucketLogin;
  readonly method: "GET" | "HEAD" | "PUT" | "DELETE";
  /** The object's name, without the prefix. */
  readonly name: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly permitted: PermittedAddresses;
  /** The variable that names the bucket, for messages. */
  readonly variable: string;
  readonly timeoutMs: number;
  readonly mostBytes: number;
}

/**
 * Asks for an object, signed; what is written is encrypted with the bucket's named key. Gives whatever is answered;
 * `unavailable` where what was written has not been encrypted so.
 */
export async function askBucket(request: BucketRequest): Promise<OutboundAnswer> {
  const { bucket, login, method, body = "", permitted, variable, mostBytes } = request;
  const { accessKeyId, secretAccessKey, sessionToken } = login;
  const signed = await new AwsV4Signer({
    method,
    url: `${bucket.base}/${bucket.prefix}${request.name}`,
    headers: {
      ...request.headers,
      // Said, so that it is signed.
      "x-amz-content-sha256": digestText(body),
      ...(method === "PUT" &&
        bucket.kmsKey !== null && {
          "x-amz-server-side-encryption": "aws:kms",
          [ENCRYPTED_BY]: bucket.kmsKey,
        }),
    },
    ...(method === "PUT" && { body }),
    accessKeyId,
    secretAccessKey,
    ...(sessionToken !== undefined && { sessionToken }),
    service: "s3",
    region: bucket.region,
  }).sign();
  const answer = await sendPermitted({
    url: signed.url,
    method,
    headers: Object.fromEntries(signed.headers),
    body: method === "PUT" ? body : undefined,
    signal: AbortSignal.timeout(request.timeoutMs),
    permitted,
    what: `the bucket of ${variable} at`,
    sender: "worker",
    mostBytes,
  });
  const isWritten = method === "PUT" && answer.status >= 200 && answer.status < 300;
  // A store that knows no such keys takes the request all the same, and keeps what it got in the open.
  if (isWritten && bucket.kmsKey !== null && answer.headers[ENCRYPTED_BY] === undefined)
    throw unavailable(
      `the bucket of ${variable} has not encrypted with the key that kms-key names; leave kms-key out, or use a store that can`,
      { address: new URL(bucket.base).origin },
    );
  return answer;
}

/** What a bucket said that is no yes: S3 gives the reason in XML. */
export function bucketRefusal(
  { bucket, variable }: BucketRequest,
  { status, body }: OutboundAnswer,
): SluiceError {
  const address = new URL(bucket.base).origin;
  const code = /<Code>([A-Za-z0-9.:]{1,64})<\/Code>/.exec(body.toString("utf8"))?.[1];
  return unavailable(
    `the bucket of ${variable} at ${address} answered ${status}${code ? ` (${code})` : ""}; check its name, region and what the login may do`,
    { address, status },
  );
}

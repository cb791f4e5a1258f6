import { AwsV4Signer } from "aws4fetch";
import { digestText } from "../digest.ts";
import { invalidInput, unavailable } from "../domain/errors.ts";
import { type CheckpointKeeper, checkpointName, type CheckpointSettings } from "./checkpoint-place.ts";
import { sendPermitted } from "./permitted-request.ts";

const PATIENCE_MS = 10_000;
const PARAMETERS = new Set(["region", "endpoint", "kms-key"]);
const HOW =
  "s3://BUCKET/PREFIX?region=R, with &endpoint=https://HOST for another store than AWS, and &kms-key=ID";
/** What is read of an answer that refuses: S3 says why in XML. */
const MOST_BYTES = 4_096;

/**
 * Objects of a bucket in Amazon S3, or in a store with its interface. Each is written once: one that is there already
 * stays. That nobody writes over or removes them later is the bucket's to see to, by Object Lock.
 */
export function bucketKeeper({ place, bucketLogin, permitted }: CheckpointSettings): CheckpointKeeper {
  const { base, prefix, region, kmsKey } = readBucket(place);
  if (!bucketLogin)
    throw invalidInput(
      "SLUICE_AUDIT_CHECKPOINTS names a bucket; set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, of a login that may write there",
    );
  return {
    place: `${base}/${prefix}`,
    async keep(checkpoint) {
      const body = `${JSON.stringify(checkpoint)}\n`;
      const { accessKeyId, secretAccessKey, sessionToken } = bucketLogin;
      const signed = await new AwsV4Signer({
        method: "PUT",
        url: `${base}/${prefix}${checkpointName(checkpoint)}`,
        headers: {
          "content-type": "application/json",
          "if-none-match": "*",
          // Said, so that it is signed.
          "x-amz-content-sha256": digestText(body),
          ...(kmsKey !== null && {
            "x-amz-server-side-encryption": "aws:kms",
            "x-amz-server-side-encryption-aws-kms-key-id": kmsKey,
          }),
        },
        body,
        accessKeyId,
        secretAccessKey,
        ...(sessionToken !== undefined && { sessionToken }),
        service: "s3",
        region,
      }).sign();
      const answer = await sendPermitted({
        url: signed.url,
        method: "PUT",
        headers: Object.fromEntries(signed.headers),
        body,
        signal: AbortSignal.timeout(PATIENCE_MS),
        permitted,
        what: "the bucket of SLUICE_AUDIT_CHECKPOINTS at",
        sender: "worker",
        mostBytes: MOST_BYTES,
      });
      const isThere = answer.status === 412;
      if (isThere || (answer.status >= 200 && answer.status < 300)) return;
      const code = /<Code>([A-Za-z0-9]{1,64})<\/Code>/.exec(answer.body.toString("utf8"))?.[1];
      throw unavailable(
        `the bucket of SLUICE_AUDIT_CHECKPOINTS at ${signed.url.origin} answered ${answer.status}${code ? ` (${code})` : ""}; check its name, region and what the login may do`,
        { address: signed.url.origin, status: answer.status },
      );
    },
  };
}

interface Bucket {
  /** Everything before the prefix. */
  readonly base: string;
  /** Empty, or with a stroke at its end. */
  readonly prefix: string;
  readonly region: string;
  readonly kmsKey: string | null;
}

function readBucket(place: string): Bucket {
  const url = URL.parse(place);
  const refuse = (problem: string) => invalidInput(`SLUICE_AUDIT_CHECKPOINTS ${problem}; write it as ${HOW}`);
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

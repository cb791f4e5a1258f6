import { BlockList } from "node:net";
import type { ContentStore } from "../../storage/contents.ts";
import { askBucket, type BucketRequest, bucketRefusal, readBucket, requireLogin } from "../bucket.ts";
import type { OutboundAnswer } from "../permitted-request.ts";
import type { ContentPlace } from "./content-place.ts";

const VARIABLE = "SLUICE_CONTENTS";
/** Less than a worker lets a transaction sit idle: what has no reference is removed within one. */
const PATIENCE_MS = 5_000;
const TRANSFER_MS = 60_000;
const MOST_BYTES = 256 << 20;
/** What is read of an answer that refuses. */
const MOST_REFUSAL_BYTES = 4_096;

/** Objects of a bucket in Amazon S3, or in a store with its interface, encrypted with the key that is named. */
export function bucketContents({ place, login: given }: ContentPlace): ContentStore {
  const bucket = readBucket(place, VARIABLE);
  const login = requireLogin(given, VARIABLE, "read and write");
  // Whoever sets the variable says where it is: it need not be on the internet.
  const permitted = { hosts: new Set([new URL(bucket.base).hostname]), networks: new BlockList() };

  async function ask(
    method: BucketRequest["method"],
    sha256: string,
    more: Partial<BucketRequest> = {},
  ): Promise<OutboundAnswer> {
    const request: BucketRequest = {
      bucket,
      login,
      method,
      name: `${sha256}.json`,
      permitted,
      variable: VARIABLE,
      timeoutMs: PATIENCE_MS,
      mostBytes: MOST_REFUSAL_BYTES,
      ...more,
    };
    const answer = await askBucket(request);
    if (isMissing(method, answer)) return answer;
    if (answer.status >= 200 && answer.status < 300) return answer;
    throw bucketRefusal(request, answer);
  }

  return {
    place: `${bucket.base}/${bucket.prefix}`,
    async write(sha256, text) {
      const headers = { "content-type": "application/json" };
      await ask("PUT", sha256, { headers, body: text, timeoutMs: TRANSFER_MS });
    },
    async read(sha256) {
      const answer = await ask("GET", sha256, { timeoutMs: TRANSFER_MS, mostBytes: MOST_BYTES });
      return answer.status === 404 ? undefined : answer.body.toString("utf8");
    },
    /** The answer to a HEAD says nothing of why: whether the bucket is there, a GET says. */
    has: async (sha256) =>
      (await ask("HEAD", sha256)).status !== 404 ||
      (await ask("GET", sha256, { timeoutMs: TRANSFER_MS, mostBytes: MOST_BYTES })).status !== 404,
    async remove(sha256) {
      await ask("DELETE", sha256);
    },
  };
}

/** A bucket that is not there, or a key that it was encrypted with, is no proof that what was in it is gone. */
function isMissing(method: BucketRequest["method"], { status, body }: OutboundAnswer): boolean {
  if (status !== 404 || method === "PUT") return false;
  return method === "HEAD" || body.toString("utf8").includes("<Code>NoSuchKey</Code>");
}

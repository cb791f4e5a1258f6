import { askBucket, type BucketRequest, bucketRefusal, readBucket, requireLogin } from "./bucket.ts";
import { type CheckpointKeeper, checkpointName, type CheckpointSettings } from "./checkpoint-place.ts";

const VARIABLE = "SLUICE_AUDIT_CHECKPOINTS";
/** What is read of an answer that refuses. */
const MOST_BYTES = 4_096;

/**
 * Objects of a bucket in Amazon S3, or in a store with its interface. Each is written once: one that is there already
 * stays. That nobody writes over or removes them later is the bucket's to see to, by Object Lock.
 */
export function bucketKeeper({ place, bucketLogin, permitted }: CheckpointSettings): CheckpointKeeper {
  const bucket = readBucket(place, VARIABLE);
  const login = requireLogin(bucketLogin, VARIABLE, "write");
  return {
    place: `${bucket.base}/${bucket.prefix}`,
    async keep(checkpoint) {
      const request: BucketRequest = {
        bucket,
        login,
        method: "PUT",
        name: checkpointName(checkpoint),
        headers: { "content-type": "application/json", "if-none-match": "*" },
        body: `${JSON.stringify(checkpoint)}\n`,
        permitted,
        variable: VARIABLE,
        timeoutMs: 10_000,
        mostBytes: MOST_BYTES,
      };
      const answer = await askBucket(request);
      const isThere = answer.status === 412;
      if (isThere || (answer.status >= 200 && answer.status < 300)) return;
      throw bucketRefusal(request, answer);
    },
  };
}

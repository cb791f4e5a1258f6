import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { KEY, signatureProblem } from "./aws-signature.ts";

export interface StandInBucket {
  /** `s3://…`, with its endpoint. */
  readonly place: string;
  /** By path: what is there, and what it is encrypted with. */
  readonly objects: Map<string, { readonly body: string; readonly kmsKey: string | undefined }>;
  /** Whether it knows of keys to encrypt with: S3 does, some stores take the words and do nothing. */
  encrypts: boolean;
  close(): void;
}

/** S3 as far as contents need it, for one bucket named `large`: signed requests, objects by name, encryption in words. */
export async function startBucket(): Promise<StandInBucket> {
  const objects: StandInBucket["objects"] = new Map();
  const server = createServer((request, response) => {
    void text(request).then((body) => {
      const refuse = (status: number, code: string) =>
        response
          .writeHead(status)
          .end(request.method === "HEAD" ? "" : `<Error><Code>${code}</Code></Error>`);
      if (signatureProblem("s3", request, body) !== undefined) return refuse(403, "SignatureDoesNotMatch");
      const path = request.url!;
      if (!path.startsWith("/large/")) return refuse(404, "NoSuchBucket");
      if (request.method === "PUT") {
        const kmsKey = request.headers["x-amz-server-side-encryption-aws-kms-key-id"] as string | undefined;
        // As MinIO says it, with a status that others have for an object that is not there.
        if (kmsKey === "unknown") return refuse(404, "kms:KeyNotFound");
        objects.set(path, { body, kmsKey });
        const said = bucket.encrypts && kmsKey && { "x-amz-server-side-encryption-aws-kms-key-id": kmsKey };
        return response.writeHead(200, said || {}).end();
      }
      if (request.method === "DELETE") {
        objects.delete(path);
        return response.writeHead(204).end();
      }
      const found = objects.get(path);
      if (!found) return refuse(404, "NoSuchKey");
      return response.writeHead(200).end(request.method === "HEAD" ? "" : found.body);
    });
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const bucket: StandInBucket = {
    place: `s3://large/sluice?region=eu-central-1&endpoint=http://127.0.0.1:${port}`,
    objects,
    encrypts: true,
    close: () => server.close(),
  };
  return bucket;
}

export const LOGIN = { accessKeyId: KEY.id, secretAccessKey: KEY.secret, sessionToken: undefined };

import { createHash } from "node:crypto";
import type { IncomingMessage } from "node:http";
import { signatureProblem as problemOf } from "../../src/local/model-server/signature-v4.ts";

/** The login of stand-ins for services of AWS: the one of its documentation. */
export const KEY = { id: "AKIDEXAMPLE", secret: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY" };

/** What is wrong with a request's Signature Version 4; undefined: nothing. */
export function signatureProblem(
  service: "ssm" | "s3",
  request: IncomingMessage,
  body: string,
): string | undefined {
  const digest = createHash("sha256").update(body).digest("hex");
  // S3 wants the body's hash said, or to be told that it is not signed, which is no proof of it.
  if (service === "s3" && request.headers["x-amz-content-sha256"] !== digest) return "the body is not signed";
  return problemOf(service, request, body, { accessKeyId: KEY.id, secretAccessKey: KEY.secret });
}

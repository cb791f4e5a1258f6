import { createHash, createHmac } from "node:crypto";
import type { IncomingMessage } from "node:http";

/** The login of stand-ins for services of AWS: the one of its documentation. */
export const KEY = { id: "AKIDEXAMPLE", secret: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY" };

const sha256 = (text: string) => createHash("sha256").update(text).digest("hex");
const hmac = (key: string | Buffer, text: string) => createHmac("sha256", key).update(text).digest();

/**
 * What is wrong with a request's Signature Version 4, as AWS documents it; undefined: nothing. Of addresses without a
 * query, whose paths have nothing to escape.
 */
export function signatureProblem(
  service: "ssm" | "s3",
  { method, url, headers }: IncomingMessage,
  body: string,
): string | undefined {
  const form = new RegExp(
    String.raw`^AWS4-HMAC-SHA256 Credential=([^/]+)/(\d{8}/[\w-]+/${service}/aws4_request), ?SignedHeaders=([^,]+), ?Signature=([0-9a-f]{64})$`,
  );
  const [, id, scope, signed, signature] = form.exec(headers.authorization ?? "") ?? [];
  if (scope === undefined) return "not signed";
  if (id !== KEY.id) return "an unknown key";
  // S3 wants the body's hash said, or to be told that it is not signed, which is no proof of it.
  if (service === "s3" && headers["x-amz-content-sha256"] !== sha256(body)) return "the body is not signed";
  const canonical = [
    method,
    url,
    "",
    ...signed!.split(";").map((name) => `${name}:${String(headers[name]).trim()}`),
    "",
    signed,
    sha256(body),
  ].join("\n");
  const text = ["AWS4-HMAC-SHA256", headers["x-amz-date"], scope, sha256(canonical)].join("\n");
  const key = scope.split("/").reduce<string | Buffer>((from, part) => hmac(from, part), `AWS4${KEY.secret}`);
  return hmac(key, text).toString("hex") === signature ? undefined : "the signature does not match";
}

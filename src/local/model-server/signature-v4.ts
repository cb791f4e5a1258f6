import { createHash, createHmac } from "node:crypto";
import type { IncomingMessage } from "node:http";

export interface AwsKey {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

/**
 * What is wrong with a request's Signature Version 4, as AWS documents it; undefined: nothing. Without a key only its form
 * is looked at.
 */
export function signatureProblem(
  service: string,
  { method = "POST", url = "/", headers }: Pick<IncomingMessage, "method" | "url" | "headers">,
  body: Buffer | string,
  key: AwsKey | undefined,
): string | undefined {
  const form = new RegExp(
    String.raw`^AWS4-HMAC-SHA256 Credential=([\w-]+)/(\d{8})/([a-z0-9-]+)/${service}/aws4_request, ?SignedHeaders=([a-z0-9;-]+), ?Signature=([0-9a-f]{64})$`,
  );
  const [, keyId, day, region, signed, signature] = form.exec(headers.authorization ?? "") ?? [];
  const date = String(headers["x-amz-date"] ?? "");
  if (!keyId || !day || !region || !signed || !signature) return "it is not signed with Signature Version 4";
  if (!/^\d{8}T\d{6}Z$/.test(date) || !date.startsWith(day))
    return "x-amz-date is not of the day that it is signed for";
  const names = signed.split(";");
  for (const name of ["host", "x-amz-date"]) if (!names.includes(name)) return `${name} is not signed`;
  if (!key) return undefined;
  if (keyId !== key.accessKeyId) return "the security token included in the request is invalid";
  const { pathname, searchParams } = new URL(url, "http://localhost");
  searchParams.sort();
  const request = [
    method,
    // Encoded once more than it was sent, but at S3.
    service === "s3" ? pathname : pathname.split("/").map(encode).join("/"),
    searchParams.toString(),
    ...names.map(
      (name) =>
        `${name}:${String(headers[name] ?? "")
          .trim()
          .replace(/ +/g, " ")}`,
    ),
    "",
    signed,
    hash(body),
  ].join("\n");
  const scope = `${day}/${region}/${service}/aws4_request`;
  const secret = [day, region, service, "aws4_request"].reduce<string | Buffer>(
    (made, part) => createHmac("sha256", made).update(part).digest(),
    `AWS4${key.secretAccessKey}`,
  );
  const wanted = createHmac("sha256", secret)
    .update(["AWS4-HMAC-SHA256", date, scope, hash(request)].join("\n"))
    .digest("hex");
  return wanted === signature ? undefined : "the request signature does not match";
}

function hash(of: string | Buffer): string {
  return createHash("sha256").update(of).digest("hex");
}

function encode(part: string): string {
  return encodeURIComponent(part).replace(
    /[!'()*]/g,
    (one) => `%${one.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

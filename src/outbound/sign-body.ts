import { createHmac } from "node:crypto";

/** The headers by which a receiver knows that a body comes from whoever has the secret: HMAC-SHA-256 in hex. */
export function signatureOf(body: string, secret: string | undefined): Record<string, string> {
  if (secret === undefined) return {};
  return { "sluice-signature": `sha256=${createHmac("sha256", secret).update(body).digest("hex")}` };
}

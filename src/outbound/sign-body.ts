import { createHmac } from "node:crypto";

/** The headers by which a receiver knows that a body comes from whoever has the secret: HMAC-SHA-256 in hex. */
export function signatureOf(body: string, secret: string | undefined): Record<string, string> {
  if (secret === undefined) return {};
  return { "sluice-signature": `sha256=${createHmac("sha256", secret).update(body).digest("hex")}` };
}

/**
 * The headers of the Standard Webhooks specification, whose libraries check them: the signature covers the id, the
 * moment and the body, so that what somebody has recorded is of no use later. A secret that begins with `whsec_` is
 * base64, as there; any other is taken as it is.
 */
export function standardSignature(
  { id, body, at }: { readonly id: string; readonly body: string; readonly at: Date },
  secret: string | undefined,
): Record<string, string> {
  const timestamp = String(Math.floor(at.getTime() / 1_000));
  const named = { "webhook-id": id, "webhook-timestamp": timestamp };
  if (secret === undefined) return named;
  const key = secret.startsWith("whsec_") ? Buffer.from(secret.slice(6), "base64") : secret;
  const mac = createHmac("sha256", key).update(`${id}.${timestamp}.${body}`).digest("base64");
  return { ...named, "webhook-signature": `v1,${mac}` };
}

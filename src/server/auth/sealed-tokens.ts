import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from "node:crypto";

/** What an issuer is asked again with. */
export interface IssuerTokens {
  readonly refresh?: string | undefined;
  readonly access?: string | undefined;
}

const CIPHER = "aes-256-gcm";
const IV_BYTES = 12;
const TAG_BYTES = 16;

/**
 * The tokens, encrypted under what the session's own text gives: the browser alone keeps that, so neither the database
 * nor a server that is not being sent the session can read them.
 */
export function sealTokens(tokens: IssuerTokens, sessionText: string): Buffer {
  const iv = randomBytes(IV_BYTES);
  const cipher = createCipheriv(CIPHER, keyOf(sessionText), iv);
  const sealed = Buffer.concat([cipher.update(JSON.stringify(tokens), "utf8"), cipher.final()]);
  return Buffer.concat([iv, cipher.getAuthTag(), sealed]);
}

/** Undefined where they were sealed for another session, or changed since. */
export function openTokens(sealed: Buffer, sessionText: string): IssuerTokens | undefined {
  try {
    const decipher = createDecipheriv(CIPHER, keyOf(sessionText), sealed.subarray(0, IV_BYTES));
    decipher.setAuthTag(sealed.subarray(IV_BYTES, IV_BYTES + TAG_BYTES));
    const text = Buffer.concat([decipher.update(sealed.subarray(IV_BYTES + TAG_BYTES)), decipher.final()]);
    return JSON.parse(text.toString("utf8")) as IssuerTokens;
  } catch {
    return undefined;
  }
}

function keyOf(sessionText: string): Buffer {
  return Buffer.from(hkdfSync("sha256", sessionText, "", "sluice: an issuer's tokens", 32));
}

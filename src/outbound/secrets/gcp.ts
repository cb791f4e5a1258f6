import type { GoogleAuth } from "google-auth-library";
import { messageOf } from "../../domain/errors.ts";
import type { NamedSecret } from "../../domain/addresses/managed-secret.ts";
import { optionalPackage } from "../optional-package.ts";
import { managerUnavailable, PATIENCE_MS, refusedSecret, textOrField } from "./secret-manager.ts";

const ENDPOINT = "https://secretmanager.googleapis.com";
const SCOPE = "https://www.googleapis.com/auth/cloud-platform";

/**
 * Reads a secret of Google Cloud's Secret Manager by its HTTP interface, with the login that Google's own library finds:
 * of the machine, of a workload, or of the file that GOOGLE_APPLICATION_CREDENTIALS names.
 */
export async function readGcpSecret(
  reference: string,
  { name, field }: NamedSecret,
  endpoint: string = ENDPOINT,
): Promise<string> {
  const token = await accessToken(reference);
  let response: Response;
  try {
    response = await fetch(`${endpoint}/v1/${name}:access`, {
      headers: { authorization: `Bearer ${token}` },
      redirect: "error",
      signal: AbortSignal.timeout(PATIENCE_MS),
    });
  } catch (error) {
    throw managerUnavailable(
      reference,
      `Google's Secret Manager cannot be reached: ${messageOf(error)}`,
      error,
    );
  }
  if (response.status === 403 || response.status === 404)
    throw refusedSecret(
      reference,
      `Google's Secret Manager answers ${response.status}; check its name, and that the login has the role Secret Manager Secret Accessor`,
    );
  if (!response.ok)
    throw managerUnavailable(reference, `Google's Secret Manager answers ${response.status}; try again`);
  const { payload } = (await response.json()) as { payload?: { data?: string } };
  return textOrField(reference, Buffer.from(payload?.data ?? "", "base64").toString("utf8"), field);
}

/** One for all secrets: finding a login takes seconds on some machines, and its token is good for an hour. */
let login: GoogleAuth | undefined;

async function accessToken(reference: string): Promise<string> {
  const google = await optionalPackage("google-auth-library", () => import("google-auth-library"));
  try {
    const token = await (login ??= new google.GoogleAuth({ scopes: SCOPE })).getAccessToken();
    if (token) return token;
  } catch (error) {
    throw managerUnavailable(reference, `there is no login to Google Cloud here: ${messageOf(error)}`, error);
  }
  throw managerUnavailable(reference, "Google's library found no login here");
}

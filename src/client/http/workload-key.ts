import { withoutSecrets } from "../../domain/echoed-secret.ts";
import { messageOf, SluiceError, unavailable } from "../../domain/errors.ts";
import type { ServerPlace } from "./server-connection.ts";

/** How a CI job shows who it is, where it has no key. */
export interface WorkloadIdentity {
  /** GitHub's address for a token of the job's, or the token itself. */
  readonly from: { readonly requestUrl: string; readonly requestToken: string } | { readonly token: string };
  /** Whom the token is for: the server's own address, as it knows it. */
  readonly audience: string;
  /** The trust rule that is meant, where a job fits several. */
  readonly rule: string | undefined;
}

/** A server as the environment names it: with a key, or for a CI job that gets one. */
export interface NamedServer extends ServerPlace {
  /** Where there is no key. */
  readonly workload?: WorkloadIdentity | undefined;
}

const TIMEOUT_MS = 15_000;
const entered = new WeakMap<NamedServer, Promise<ServerPlace>>();

/** With the key that is named, or the one that the job's own token is exchanged for, once. */
export function enterServer(server: NamedServer): Promise<ServerPlace> {
  const { workload, ...place } = server;
  if (!workload) return Promise.resolve(place);
  const entering = entered.get(server) ?? exchange(place, workload);
  entered.set(server, entering);
  return entering;
}

async function exchange(
  place: ServerPlace,
  { from, audience, rule }: WorkloadIdentity,
): Promise<ServerPlace> {
  const token = "token" in from ? from.token : await askGitHub(from, audience);
  const said = await ask(`the server at ${place.base}`, `${place.base}/v1/tokens/workload`, [token], {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ token, ...(rule !== undefined && { rule }) }),
  });
  const { token: key, error } = said.body as { token?: unknown; error?: { message?: unknown } };
  if (said.ok && typeof key === "string") return { ...place, key };
  const why = typeof error?.message === "string" ? error.message : `it answered ${said.status}`;
  throw new SluiceError(
    "forbidden",
    `the server at ${place.base} does not let this CI job in: ${withoutSecrets(why, [token])}`,
    { status: said.status },
  );
}

/** A token of the job that runs, made for this audience. */
async function askGitHub(
  { requestUrl, requestToken }: { readonly requestUrl: string; readonly requestToken: string },
  audience: string,
): Promise<string> {
  const url = `${requestUrl}${requestUrl.includes("?") ? "&" : "?"}audience=${encodeURIComponent(audience)}`;
  const said = await ask("GitHub", url, [requestToken], {
    headers: { authorization: `Bearer ${requestToken}` },
  });
  const { value } = said.body as { value?: unknown };
  if (said.ok && typeof value === "string") return value;
  throw unavailable(
    `GitHub gives this job no token (${said.status}); give the job the permission id-token: write, or set SLUICE_KEY`,
  );
}

async function ask(
  whom: string,
  url: string,
  secrets: readonly string[],
  request: RequestInit,
): Promise<{ readonly ok: boolean; readonly status: number; readonly body: object }> {
  let response: Response;
  try {
    response = await fetch(url, { ...request, redirect: "manual", signal: AbortSignal.timeout(TIMEOUT_MS) });
  } catch (error) {
    const { cause } = error as { cause?: { code?: unknown } };
    const why = typeof cause?.code === "string" ? cause.code : messageOf(cause ?? error);
    throw unavailable(`${whom} cannot be reached (${withoutSecrets(why, secrets)})`);
  }
  const body: unknown = await response.json().catch(() => ({}));
  const { ok, status } = response;
  return { ok, status, body: typeof body === "object" && body !== null ? body : {} };
}

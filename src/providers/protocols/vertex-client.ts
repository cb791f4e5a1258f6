import { optionalPackage } from "../../outbound/optional-package.ts";
import { clientOptions, type OpenClient } from "./anthropic.ts";
import type { EndpointSettings } from "./protocol-caller.ts";

const SDK = "@anthropic-ai/vertex-sdk";
const SCOPE = "https://www.googleapis.com/auth/cloud-platform";

/** Claude at Google's Vertex AI: with an access token where there is one, else with the login that Google's library finds. */
export const vertexClient: OpenClient = async (settings, fetch) => {
  const { AnthropicVertex } = await optionalPackage(SDK, () => import("@anthropic-ai/vertex-sdk"));
  const { region, project } = settings.cloud!;
  return new AnthropicVertex({
    ...clientOptions(settings, fetch),
    region,
    projectId: project!,
    webhookKey: null,
    // Of an AuthClient the SDK asks for headers alone.
    authClient: { getRequestHeaders: await headersOf(settings) } as never,
  });
};

/** What says who calls. The login is for the user's own endpoint. */
async function headersOf({ apiKey, isForeign, cloud }: EndpointSettings): Promise<() => Promise<Headers>> {
  if (apiKey || isForeign)
    return () => Promise.resolve(new Headers(apiKey ? { authorization: `Bearer ${apiKey}` } : {}));
  const { GoogleAuth } = await optionalPackage("google-auth-library", () => import("google-auth-library"));
  // With a project, or it looks for one, for seconds.
  const login = new GoogleAuth({ scopes: SCOPE, projectId: cloud!.project! });
  return async () => (await login.getClient()).getRequestHeaders();
}

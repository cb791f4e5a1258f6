import type { createCredentialChain } from "@aws-sdk/credential-providers";
import { optionalPackage } from "../../outbound/optional-package.ts";
import { clientOptions, type OpenClient } from "./anthropic.ts";

const SDK = "@anthropic-ai/bedrock-sdk";
const CHAIN = "@aws-sdk/credential-providers";

/**
 * Claude at Amazon's Bedrock: with a key of Bedrock where there is one, else signed with the login that AWS's own
 * libraries find.
 */
export const bedrockClient: OpenClient = async (settings, fetch) => {
  const { AnthropicBedrock } = await optionalPackage(SDK, () => import("@anthropic-ai/bedrock-sdk"));
  const { apiKey, cloud, isForeign } = settings;
  return new AnthropicBedrock({
    ...clientOptions(settings, fetch),
    awsRegion: cloud!.region,
    // Null, or the SDK reads the environment, which only config.ts may.
    apiKey: apiKey || null,
    webhookKey: null,
    // The login is for the user's own endpoint.
    skipAuth: isForeign,
    providerChainResolver: awsLogin,
  });
};

type Login = ReturnType<typeof createCredentialChain>;

let login: Promise<Login> | undefined;

/** One for all calls, which keeps what it has found for as long as it is good: the SDK would look for it at each. */
function awsLogin(): Promise<Login> {
  return (login ??= optionalPackage(CHAIN, () => import("@aws-sdk/credential-providers")).then(
    ({ createCredentialChain: chain, fromEnv, fromNodeProviderChain }) =>
      chain(fromEnv(), fromNodeProviderChain()),
  ));
}

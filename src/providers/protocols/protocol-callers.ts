import type { Protocol } from "../../domain/models/vendors.ts";
import type { OpenClient } from "./anthropic.ts";
import type { EndpointSettings, ProtocolCaller } from "./protocol-caller.ts";

type Stream = ProtocolCaller["stream"];

const openaiChat = async (settings: EndpointSettings): Promise<ProtocolCaller> => ({
  ...(await (await import("./openai.ts")).openaiCaller(settings)),
  stream: opened(async () => (await import("../streaming/openai-stream.ts")).openaiStream(settings)),
});

/** Anthropic's messages, by the client that a cloud or Anthropic itself has for them. */
const claude =
  (load: () => Promise<OpenClient>) =>
  async (settings: EndpointSettings): Promise<ProtocolCaller> => {
    const open = await load();
    return {
      ...(await (await import("./anthropic.ts")).anthropicCaller(settings, open)),
      stream: opened(async () =>
        (await import("../streaming/anthropic-stream.ts")).anthropicStream(settings, open),
      ),
    };
  };

/** One row a protocol: how it is spoken. Its SDK is loaded with the first call, what streams need with the first stream. */
export const CALLERS = {
  "openai-chat": openaiChat,
  "azure-openai": openaiChat,
  "anthropic-messages": claude(async () => (await import("./anthropic.ts")).anthropicClient),
  "bedrock-anthropic": claude(async () => (await import("./bedrock-client.ts")).bedrockClient),
  "vertex-anthropic": claude(async () => (await import("./vertex-client.ts")).vertexClient),
} as const satisfies Record<Protocol, (settings: EndpointSettings) => Promise<ProtocolCaller>>;

/** Opened once: a client a stream costs half a millisecond. */
function opened(open: () => Promise<Stream>): Stream {
  let stream: Promise<Stream> | undefined;
  return async (call, watch) => (await (stream ??= open()))(call, watch);
}

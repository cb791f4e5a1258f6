import type { Protocol } from "../../domain/models/vendors.ts";
import type { EndpointSettings, ProtocolCaller } from "./protocol-caller.ts";

type Stream = ProtocolCaller["stream"];

const openaiChat = async (settings: EndpointSettings): Promise<ProtocolCaller> => ({
  ...(await (await import("./openai.ts")).openaiCaller(settings)),
  stream: opened(async () => (await import("../streaming/openai-stream.ts")).openaiStream(settings)),
});

/** One row a protocol: how it is spoken. Its SDK is loaded with the first call, what streams need with the first stream. */
export const CALLERS = {
  "openai-chat": openaiChat,
  "azure-openai": openaiChat,
  "anthropic-messages": async (settings) => ({
    ...(await (await import("./anthropic.ts")).anthropicCaller(settings)),
    stream: opened(async () => (await import("../streaming/anthropic-stream.ts")).anthropicStream(settings)),
  }),
} as const satisfies Record<Protocol, (settings: EndpointSettings) => Promise<ProtocolCaller>>;

/** Opened once: a client a stream costs half a millisecond. */
function opened(open: () => Promise<Stream>): Stream {
  let stream: Promise<Stream> | undefined;
  return async (call, watch) => (await (stream ??= open()))(call, watch);
}

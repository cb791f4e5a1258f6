import type { Protocol } from "../domain/models/vendors.ts";
import type { EndpointSettings, ProtocolCaller } from "./protocol-caller.ts";

/** One row a protocol: how it is spoken. Its SDK is loaded with the first call. */
export const CALLERS = {
  "openai-chat": async (settings) => ({
    ...(await (await import("./openai.ts")).openaiCaller(settings)),
    stream: async (call, watch) =>
      (await import("./streaming/openai-stream.ts")).streamOpenai(settings, call, watch),
  }),
  "anthropic-messages": async (settings) => ({
    ...(await (await import("./anthropic.ts")).anthropicCaller(settings)),
    stream: async (call, watch) =>
      (await import("./streaming/anthropic-stream.ts")).streamAnthropic(settings, call, watch),
  }),
} as const satisfies Record<Protocol, (settings: EndpointSettings) => Promise<ProtocolCaller>>;
